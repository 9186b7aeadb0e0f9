//+------------------------------------------------------------------+
//| Command.mqh - one command as it came, and whether it may run.    |
//| Owns: reading, the order of the checks. Must not send. The first |
//| check that fails is the one that is told. The EA's own bounds    |
//| hold even if the engine is wrong.                                |
//+------------------------------------------------------------------+

const ulong COMMAND_MINUTE_MS=60000;
const int   COMMAND_MAX_ID=64;

struct Command
  {
   string            id;
   ulong             num;
   string            kind;
   string            lease;
   long              ttl_ms;
   ulong             received_ms;   // when the request was made whose answer carried it
   string            symbol;        // the engine's name
   string            side;
   string            lots_text;
   double            lots;
   string            limit_text;
   double            limit;
   long              points;
   ulong             position_id;
   string            target;
   string            scope;
   string            comment;
   string            fault;         // why it cannot be read; empty when it can
  };

ulong g_sends_ms[];   // when orders were sent, the last minute's

/// Reads `command` of a reply. @return false when it has not even an id
bool CommandRead(const JsonDoc &doc,const ulong received_ms,Command &command)
  {
   command.id=JsonTextAt(doc,"command.command_id");
   command.kind=JsonTextAt(doc,"command.kind");
   command.lease=JsonTextAt(doc,"command.lease_id");
   command.num=TextToId(JsonTextAt(doc,"command.num"));
   command.received_ms=received_ms;
   command.symbol=JsonTextAt(doc,"command.symbol");
   command.side=JsonTextAt(doc,"command.side");
   command.lots_text=JsonTextAt(doc,"command.lots");
   command.limit_text=JsonTextAt(doc,"command.limit_price");
   command.position_id=TextToId(JsonTextAt(doc,"command.position_id"));
   command.target=JsonTextAt(doc,"command.target_id");
   command.scope=JsonTextAt(doc,"command.scope");
   command.comment=JsonTextAt(doc,"command.comment");
   command.lots=TextIsDecimal(command.lots_text) ? StringToDouble(command.lots_text) : 0.0;
   command.limit=TextIsDecimal(command.limit_text) ? StringToDouble(command.limit_text) : 0.0;
   command.points=0;
   command.ttl_ms=0;
   command.fault="";
   if(!JsonWholeAt(doc,"command.ttl_ms",command.ttl_ms))
      command.fault="ttl_ms";
   if(CommandTrades(command))
      CommandReadTrade(doc,command);
   if((command.kind=="cancel" || command.kind=="query") && (command.target=="" || StringLen(command.target)>COMMAND_MAX_ID))
      command.fault="target_id";
   if(command.kind=="flatten" && command.scope=="")
      command.fault="scope";
   if(!CommandTrades(command) && command.kind!="cancel" && command.kind!="query" && command.kind!="flatten")
      command.fault="kind";
   return(command.id!="" && StringLen(command.id)<=COMMAND_MAX_ID);
  }

/// Whether it is an order: open or close.
bool CommandTrades(const Command &command)
  {
   return(command.kind=="open" || command.kind=="close");
  }

void CommandReadTrade(const JsonDoc &doc,Command &command)
  {
   if(!JsonWholeAt(doc,"command.max_dev_points",command.points))
      command.fault="max_dev_points";
   if(JsonTextAt(doc,"command.fill")!="ioc")
      command.fault="fill";
   if(command.limit<=0.0)
      command.fault="limit_price";
   if(command.lots<=0.0)
      command.fault="lots";
   if(command.side!="buy" && command.side!="sell")
      command.fault="side";
   if(command.symbol=="")
      command.fault="symbol";
   if(command.kind=="close" && command.position_id==0)
      command.fault="position_id";
   if(!AccountOwns((long)command.num) || command.num==AccountFlattenMagic())
      command.fault="num";
  }

/// What must be the same whenever the same id comes again.
string CommandContent(const Command &command)
  {
   string content=command.kind+"/"+TextId(command.num);
   if(command.kind=="flatten")
      return(content+"/"+command.scope);
   content+="/"+command.symbol+"/"+command.side+"/"+TextNumber(command.lots,8)+"/"+TextNumber(command.limit,8);
   return(content+"/"+TextId(command.position_id));
  }

/// Whether its time has passed, counted from before the engine can have said it.
bool CommandExpired(const Command &command)
  {
   return(GetTickCount64()-command.received_ms>=(ulong)command.ttl_ms);
  }

/// Forgets the sends of earlier runs, except those of the last minute in the journal.
void CommandSeedRate()
  {
   ArrayResize(g_sends_ms,0);
   const long now_s=(long)TimeTradeServer();
   for(int i=0; i<ArraySize(g_entries); i++)
      if(g_entries[i].sent_s>now_s-(long)(COMMAND_MINUTE_MS/1000) && g_entries[i].sent_s<=now_s)
         CommandCountSend();
  }

/// One more order was sent.
void CommandCountSend()
  {
   const ulong now=GetTickCount64();
   ulong recent[];
   for(int i=0; i<ArraySize(g_sends_ms); i++)
      if(now-g_sends_ms[i]<COMMAND_MINUTE_MS)
        {
         ArrayResize(recent,ArraySize(recent)+1,64);
         recent[ArraySize(recent)-1]=g_sends_ms[i];
        }
   const int count=ArraySize(recent);
   ArrayResize(g_sends_ms,count+1,64);
   for(int i=0; i<count; i++)
      g_sends_ms[i]=recent[i];
   g_sends_ms[count]=now;
  }

int CommandSendsInMinute()
  {
   const ulong now=GetTickCount64();
   int count=0;
   for(int i=0; i<ArraySize(g_sends_ms); i++)
      if(now-g_sends_ms[i]<COMMAND_MINUTE_MS)
         count++;
   return(count);
  }

/// The checks before anything of the symbol: time, mode, gates. @return empty, or the word of the first that fails
string CommandRefusedByState(const Command &command,const bool opens)
  {
   if(CommandExpired(command))
      return("expired");
   const ENGINE_MODE mode=ModeNow();
   if(mode==ENGINE_HALT || !g_trading || (opens && mode!=ENGINE_NORMAL))
      return("mode");
   const string gate=AccountShutGate();
   if(gate!="")
      return(gate);
   if(opens && !InpAllowOpening)
      return("opening_off");
   return("");
  }

/// Symbol, its mode and hours, the quote's age. @return empty, or the word of the first that fails
string CommandRefusedBySymbol(const Command &command,string &text)
  {
   const int row=SymbolsIndex(command.symbol);
   if(row<0 || !g_symbols[row].ready)
      return("symbol");
   const string symbol=g_symbols[row].broker;
   const long mode=SymbolInfoInteger(symbol,SYMBOL_TRADE_MODE);
   const bool buy=command.side=="buy";
   const bool open=command.kind=="open";
   text="trade mode "+TextWhole(mode);
   if(mode==(long)SYMBOL_TRADE_MODE_DISABLED || (open && mode==(long)SYMBOL_TRADE_MODE_CLOSEONLY))
      return("symbol_mode");
   if(open && ((buy && mode==(long)SYMBOL_TRADE_MODE_SHORTONLY) || (!buy && mode==(long)SYMBOL_TRADE_MODE_LONGONLY)))
      return("symbol_mode");
   text="";
   if(!SymbolsSessionOpen(symbol))
      return("session_closed");
   QuotesRead();
   text="age "+TextId(QuotesAge(g_symbols[row]))+" ms";
   if(g_symbols[row].time_msc==0 || QuotesAge(g_symbols[row])>(ulong)InpMaxQuoteAgeMs)
      return("quote_old");
   text="";
   return("");
  }

/// Volume of the symbol and our own bounds. @return empty, or the word of the first that fails
string CommandRefusedByVolume(const Command &command,const string symbol,string &text)
  {
   text=SymbolsVolumeFault(symbol,command.lots);
   if(text!="")
      return("volume");
   text="above InpMaxLotsCommand";
   if(command.lots>InpMaxLotsCommand+LOTS_EPSILON)
      return("volume_limit");
   if(command.kind=="open")
     {
      int positions=0;
      text="above InpMaxLotsTotal";
      if(AccountOwnLots(positions)+AccountOwnOrderLots()+CommandPendingLots()+command.lots>InpMaxLotsTotal+LOTS_EPSILON)
         return("volume_limit");
      text="above the symbol's limit";
      const double limit=SymbolInfoDouble(symbol,SYMBOL_VOLUME_LIMIT);
      if(limit>0.0 && CommandSymbolLots(symbol,command.side=="buy")+command.lots>limit+LOTS_EPSILON)
         return("volume_limit");
     }
   text="above InpMaxCommandsMinute";
   if(CommandSendsInMinute()>=InpMaxCommandsMinute)
      return("rate_limit");
   text="";
   return("");
  }

/// Lots of opens whose outcome is open and that nothing shows yet: they may still come.
double CommandPendingLots()
  {
   double lots=0.0;
   for(int i=0; i<ArraySize(g_entries); i++)
      if(g_entries[i].kind=="open" && ResolveNeeds(g_entries[i]) && g_entries[i].positions=="")
         lots+=g_entries[i].lots;
   return(lots);
  }

/// Lots of all positions of a symbol in one direction, anybody's.
double CommandSymbolLots(const string symbol,const bool buy)
  {
   double lots=0.0;
   for(int i=PositionsTotal()-1; i>=0; i--)
     {
      if(PositionGetTicket(i)==0 || PositionGetString(POSITION_SYMBOL)!=symbol)
         continue;
      if((PositionGetInteger(POSITION_TYPE)==(long)POSITION_TYPE_BUY)==buy)
         lots+=PositionGetDouble(POSITION_VOLUME);
     }
   return(lots);
  }
