//+------------------------------------------------------------------+
//| Account.mqh - which account this is, its clock, and what keeps   |
//| it from trading. Owns: identity, server clock offset, gates.     |
//| Must not act. Invariant: a session belongs to one login at one   |
//| server; the first failing gate is the one that is named.         |
//+------------------------------------------------------------------+

/// Magic numbers from InpMagicBase up to here are ours; the engine takes them from its clock.
const ulong ACCOUNT_MAGIC_END=10000000000000;
const long ACCOUNT_OFFSET_STEP_S=900;
const double LOTS_EPSILON=0.00000001;

long   g_login=0;
string g_server="";
long   g_offset_s=0;
bool   g_unsigned_engine=false;

/// Takes the terminal's account for the session's. @return false while there is none
bool AccountTake()
  {
   g_login=AccountInfoInteger(ACCOUNT_LOGIN);
   g_server=AccountInfoString(ACCOUNT_SERVER);
   return(g_login!=0);
  }

/// Whether the terminal still shows the account of the session.
bool AccountIsSame()
  {
   return(g_login!=0 && AccountInfoInteger(ACCOUNT_LOGIN)==g_login && AccountInfoString(ACCOUNT_SERVER)==g_server);
  }

/// Name for files and locks of this account.
string AccountFileName()
  {
   return(TextWhole(g_login)+"-"+TextFileName(g_server));
  }

/// Server time minus UTC, in quarters of an hour; the last known one while there is no server time.
long AccountOffset()
  {
   const long server=(long)TimeTradeServer();
   const long utc=(long)TimeGMT();
   if(server>0 && utc>0)
      g_offset_s=(long)MathRound((double)(server-utc)/(double)ACCOUNT_OFFSET_STEP_S)*ACCOUNT_OFFSET_STEP_S;
   return(g_offset_s);
  }

/// Whether a magic number lies in our namespace.
bool AccountOwns(const long magic)
  {
   return(magic>=(long)InpMagicBase && magic<(long)ACCOUNT_MAGIC_END);
  }

/// Magic number of closing orders of a flatten: the last of ours, which no command may have.
ulong AccountFlattenMagic()
  {
   return(ACCOUNT_MAGIC_END-1);
  }

/// Whether several positions of one symbol can stand side by side.
bool AccountIsHedging()
  {
   return(AccountInfoInteger(ACCOUNT_MARGIN_MODE)==(long)ACCOUNT_MARGIN_MODE_RETAIL_HEDGING);
  }

/// Margin mode as the wire counts it: 0 netting, 1 exchange, 2 hedging.
int AccountMarginMode()
  {
   const long mode=AccountInfoInteger(ACCOUNT_MARGIN_MODE);
   if(mode==(long)ACCOUNT_MARGIN_MODE_RETAIL_HEDGING)
      return(2);
   if(mode==(long)ACCOUNT_MARGIN_MODE_EXCHANGE)
      return(1);
   return(0);
  }

/// Account kind as the wire counts it: 0 demo, 1 contest, 2 real. What is not known to be play money is real.
int AccountKind()
  {
   const long kind=AccountInfoInteger(ACCOUNT_TRADE_MODE);
   if(kind==(long)ACCOUNT_TRADE_MODE_DEMO)
      return(0);
   if(kind==(long)ACCOUNT_TRADE_MODE_CONTEST)
      return(1);
   return(2);
  }

/// Whether the terminal reaches its broker.
bool AccountConnected()
  {
   return(TerminalInfoInteger(TERMINAL_CONNECTED)!=0);
  }

/// The first gate that keeps any order from being sent; empty when there is none.
string AccountShutGate()
  {
   if(!AccountConnected())
      return("disconnected");
   if(TerminalInfoInteger(TERMINAL_TRADE_ALLOWED)==0)
      return("algo_trading_off");
   if(MQLInfoInteger(MQL_TRADE_ALLOWED)==0)
      return("ea_trading_off");
   if(AccountInfoInteger(ACCOUNT_TRADE_ALLOWED)==0)
      return("account_trading_off");
   if(AccountInfoInteger(ACCOUNT_TRADE_EXPERT)==0)
      return("account_experts_off");
   if(!AccountIsSame())
      return("account_changed");
   return("");
  }

/// What the envelope says of the gates.
string AccountGates()
  {
   const string shut=AccountShutGate();
   if(shut!="")
      return(shut);
   if(!InpAllowOpening)
      return("close_only_input");
   if(g_unsigned_engine)
      return("unsigned_engine");
   return("ok");
  }

/// What a person must do about a gate, in words.
string AccountGateAdvice(const string gate)
  {
   if(gate=="disconnected")
      return("No connection to the broker: see the lower right corner of the terminal");
   if(gate=="algo_trading_off")
      return("Algo Trading is off: press the Algo Trading button");
   if(gate=="ea_trading_off")
      return("Allow Algo Trading in this EA's settings (F7, tab Common)");
   if(gate=="account_trading_off")
      return("This account may not trade: log in with the main password");
   if(gate=="account_experts_off")
      return("The broker does not let EAs trade on this account");
   if(gate=="account_changed")
      return("The account has changed");
   if(gate=="close_only_input")
      return("Closing only: InpAllowOpening is false");
   if(gate=="unsigned_engine")
      return("The program on this port does not know our key");
   return("Trading allowed");
  }

/// Start of a look into history, in server time: well before a moment of ours.
datetime AccountHistoryFrom(const long server_s,const long back_s)
  {
   const long from=server_s-back_s;
   return((datetime)(from>0 ? from : (long)0));
  }

/// End of a look into history, in server time: past anything that can have happened.
datetime AccountHistoryTo()
  {
   const long quote=(long)TimeCurrent();
   const long server=(long)TimeTradeServer();
   return((datetime)((quote>server ? quote : server)+86400));
  }

/// Whether the lists fit the account's figures: no positions and yet a margin or a floating profit are lists not loaded yet.
bool AccountListsFit()
  {
   if(!AccountConnected())
      return(false);
   // A position that comes or goes between two reads contradicts them once, lists that are not loaded do so again.
   return(AccountListsAgree() || AccountListsAgree());
  }

/// One look at lists and figures.
bool AccountListsAgree()
  {
   if(PositionsTotal()>0)
      return(true);
   const double floating=AccountInfoDouble(ACCOUNT_EQUITY)-AccountInfoDouble(ACCOUNT_BALANCE)-AccountInfoDouble(ACCOUNT_CREDIT);
   if(MathAbs(floating)>0.01)
      return(false);
   return(OrdersTotal()>0 || AccountInfoDouble(ACCOUNT_MARGIN)<0.01);
  }

/// Lots of own positions, and how many there are.
double AccountOwnLots(int &positions)
  {
   double lots=0.0;
   positions=0;
   for(int i=PositionsTotal()-1; i>=0; i--)
     {
      const ulong ticket=PositionGetTicket(i);
      if(ticket==0 || !AccountOwns(PositionGetInteger(POSITION_MAGIC)))
         continue;
      lots+=PositionGetDouble(POSITION_VOLUME);
      positions++;
     }
   return(lots);
  }

/// Lots of own orders that still stand.
double AccountOwnOrderLots()
  {
   double lots=0.0;
   for(int i=OrdersTotal()-1; i>=0; i--)
     {
      const ulong ticket=OrderGetTicket(i);
      if(ticket!=0 && AccountOwns(OrderGetInteger(ORDER_MAGIC)))
         lots+=OrderGetDouble(ORDER_VOLUME_CURRENT);
     }
   return(lots);
  }
