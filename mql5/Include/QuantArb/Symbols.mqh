//+------------------------------------------------------------------+
//| Symbols.mqh - the map from the engine's names to the broker's,   |
//| and the symbol table. Owns: the map, sessions, volume rules,     |
//| filling. Must not keep prices for anyone to trade on.            |
//+------------------------------------------------------------------+

const int SYMBOLS_MAX=100;
const int SYMBOLS_MAX_SESSIONS=14;
const int SECONDS_A_DAY=86400;
const int SYMBOLS_DAYS=7;

/// One mapped symbol, with the newest quote of it.
struct MappedSymbol
  {
   string            name;         // the engine's
   string            broker;       // the terminal's, case matters
   bool              ready;        // its figures are there
   bool              wanted;       // the engine asked for its quotes
   double            bid;
   double            ask;
   long              time_msc;
   ulong             changed_ms;   // GetTickCount64 when it was new here
   bool              dirty;        // newer than what the engine has
   bool              alone;        // was part of a refused batch
   ulong             hold_ms;      // not before
  };

MappedSymbol g_symbols[];

/// Reads the map `NAME=BROKER;NAME`. @return empty, or what is wrong with it
string SymbolsLoad(const string map)
  {
   ArrayResize(g_symbols,0);
   string rows[];
   const int count=StringSplit(map,(ushort)';',rows);
   for(int i=0; i<count; i++)
     {
      const string row=TextTrim(rows[i]);
      if(row=="")
         continue;
      const int equals=StringFind(row,"=");
      const string name=TextTrim(equals<0 ? row : StringSubstr(row,0,equals));
      const string broker=TextTrim(equals<0 ? row : StringSubstr(row,equals+1));
      if(name=="" || broker=="" || StringLen(name)>32)
         return("InpSymbols: cannot read \""+row+"\"");
      if(SymbolsIndex(name)>=0 || SymbolsBrokerIndex(broker)>=0)
         return("InpSymbols: named twice: \""+row+"\"");
      const int at=ArraySize(g_symbols);
      if(at>=SYMBOLS_MAX)
         return("InpSymbols: more than "+TextWhole(SYMBOLS_MAX)+" symbols");
      ArrayResize(g_symbols,at+1);
      g_symbols[at].name=name;
      g_symbols[at].broker=broker;
      g_symbols[at].ready=false;
      g_symbols[at].wanted=false;
      g_symbols[at].bid=0.0;
      g_symbols[at].ask=0.0;
      g_symbols[at].time_msc=0;
      g_symbols[at].changed_ms=0;
      g_symbols[at].dirty=false;
      g_symbols[at].alone=false;
      g_symbols[at].hold_ms=0;
     }
   if(ArraySize(g_symbols)==0)
      return("InpSymbols is empty");
   return("");
  }

/// Forgets what the account's server said of the symbols; the map stays.
void SymbolsForget()
  {
   for(int i=0; i<ArraySize(g_symbols); i++)
     {
      g_symbols[i].ready=false;
      g_symbols[i].wanted=false;
      g_symbols[i].time_msc=0;
      g_symbols[i].dirty=false;
     }
  }

/// Row of the engine's name, -1 when it is not mapped.
int SymbolsIndex(const string name)
  {
   for(int i=0; i<ArraySize(g_symbols); i++)
      if(g_symbols[i].name==name)
         return(i);
   return(-1);
  }

/// Row of the terminal's name, -1 when it is not mapped.
int SymbolsBrokerIndex(const string broker)
  {
   for(int i=0; i<ArraySize(g_symbols); i++)
      if(g_symbols[i].broker==broker)
         return(i);
   return(-1);
  }

/// The engine's name of a terminal's symbol; the terminal's own when it is not mapped.
string SymbolsName(const string broker)
  {
   const int row=SymbolsBrokerIndex(broker);
   return(row<0 ? broker : g_symbols[row].name);
  }

/// Selects what is not ready yet. @return true when a symbol became ready: the engine must hear of it by a new hello
bool SymbolsRefresh()
  {
   bool news=false;
   for(int i=0; i<ArraySize(g_symbols); i++)
     {
      const string symbol=g_symbols[i].broker;
      // Also what is ready: a person may have hidden it in Market Watch.
      if(!SymbolSelect(symbol,true) || g_symbols[i].ready || !SymbolIsSynchronized(symbol))
         continue;
      if(SymbolInfoDouble(symbol,SYMBOL_POINT)<=0.0 || SymbolInfoDouble(symbol,SYMBOL_TRADE_CONTRACT_SIZE)<=0.0 ||
         SymbolInfoDouble(symbol,SYMBOL_VOLUME_MIN)<=0.0 || SymbolInfoDouble(symbol,SYMBOL_VOLUME_STEP)<=0.0)
         continue;
      g_symbols[i].ready=true;
      news=true;
     }
   return(news);
  }

/// Names of mapped symbols without figures, for the panel.
string SymbolsMissing()
  {
   string missing="";
   for(int i=0; i<ArraySize(g_symbols); i++)
      if(!g_symbols[i].ready)
         missing+=(missing=="" ? "" : ", ")+g_symbols[i].broker;
   return(missing);
  }

string SymbolsSessions(const string symbol)
  {
   string rows="";
   for(int day=0; day<SYMBOLS_DAYS; day++)
      for(int i=0; i<SYMBOLS_MAX_SESSIONS; i++)
        {
         datetime from=0;
         datetime to=0;
         if(!SymbolInfoSessionTrade(symbol,(ENUM_DAY_OF_WEEK)day,(uint)i,from,to))
            break;
         if((long)to<(long)from)
            continue;
         rows+=(rows=="" ? "" : ",")+"["+TextWhole(day)+","+TextWhole((long)from)+","+TextWhole((long)to)+"]";
        }
   return("["+rows+"]");
  }

string SymbolsRow(const MappedSymbol &mapped)
  {
   const string s=mapped.broker;
   string row="{"+JsonText("name",mapped.name);
   row+=","+JsonCount("digits",SymbolInfoInteger(s,SYMBOL_DIGITS));
   row+=","+JsonNumber("point",SymbolInfoDouble(s,SYMBOL_POINT),10);
   row+=","+JsonNumber("tick_size",SymbolInfoDouble(s,SYMBOL_TRADE_TICK_SIZE),10);
   row+=","+JsonNumber("tick_value",SymbolInfoDouble(s,SYMBOL_TRADE_TICK_VALUE),8);
   row+=","+JsonNumber("contract_size",SymbolInfoDouble(s,SYMBOL_TRADE_CONTRACT_SIZE),8);
   row+=","+JsonNumber("vol_min",SymbolInfoDouble(s,SYMBOL_VOLUME_MIN),8);
   row+=","+JsonNumber("vol_step",SymbolInfoDouble(s,SYMBOL_VOLUME_STEP),8);
   row+=","+JsonNumber("vol_max",SymbolInfoDouble(s,SYMBOL_VOLUME_MAX),8);
   row+=","+JsonNumber("vol_limit",SymbolInfoDouble(s,SYMBOL_VOLUME_LIMIT),8);
   row+=","+JsonCount("filling",SymbolInfoInteger(s,SYMBOL_FILLING_MODE));
   row+=","+JsonCount("exemode",SymbolInfoInteger(s,SYMBOL_TRADE_EXEMODE));
   row+=","+JsonCount("trade_mode",SymbolInfoInteger(s,SYMBOL_TRADE_MODE));
   row+=","+JsonText("base",SymbolInfoString(s,SYMBOL_CURRENCY_BASE));
   row+=","+JsonText("profit",SymbolInfoString(s,SYMBOL_CURRENCY_PROFIT));
   row+=","+JsonText("margin",SymbolInfoString(s,SYMBOL_CURRENCY_MARGIN));
   row+=","+JsonCount("swap_mode",SymbolInfoInteger(s,SYMBOL_SWAP_MODE));
   row+=","+JsonNumber("swap_long",SymbolInfoDouble(s,SYMBOL_SWAP_LONG),8);
   row+=","+JsonNumber("swap_short",SymbolInfoDouble(s,SYMBOL_SWAP_SHORT),8);
   row+=","+JsonCount("swap_triple_day",SymbolInfoInteger(s,SYMBOL_SWAP_ROLLOVER3DAYS));
   row+=","+JsonRaw("sessions",SymbolsSessions(s));
   return(row+"}");
  }

/// The symbol table of `hello`, as JSON.
string SymbolsTable()
  {
   string rows="";
   for(int i=0; i<ArraySize(g_symbols); i++)
      if(g_symbols[i].ready)
         rows+=(rows=="" ? "" : ",")+SymbolsRow(g_symbols[i]);
   return("["+rows+"]");
  }

/// Whether lots are a multiple of the step within the bounds of the symbol. @return empty, or why not
string SymbolsVolumeFault(const string symbol,const double lots)
  {
   const double step=SymbolInfoDouble(symbol,SYMBOL_VOLUME_STEP);
   const double least=SymbolInfoDouble(symbol,SYMBOL_VOLUME_MIN);
   const double most=SymbolInfoDouble(symbol,SYMBOL_VOLUME_MAX);
   if(!MathIsValidNumber(lots) || lots<=0.0 || step<=0.0)
      return("no volume");
   if(lots<least-LOTS_EPSILON)
      return("below the least volume "+TextNumber(least,8));
   if(most>0.0 && lots>most+LOTS_EPSILON)
      return("above the greatest volume "+TextNumber(most,8));
   const double steps=MathRound(lots/step);
   if(MathAbs(steps*step-lots)>LOTS_EPSILON)
      return("not a multiple of "+TextNumber(step,8));
   return("");
  }

/// Whether the symbol's trading hours contain this moment of server time; without any hours the server decides.
bool SymbolsSessionOpen(const string symbol)
  {
   MqlDateTime now={};
   const datetime server=TimeTradeServer();
   if((long)server<=0 || !TimeToStruct(server,now))
      return(true);
   const long second=(long)now.hour*3600+(long)now.min*60+(long)now.sec;
   bool any=false;
   for(int day=0; day<SYMBOLS_DAYS; day++)
      for(int i=0; i<SYMBOLS_MAX_SESSIONS; i++)
        {
         datetime from=0;
         datetime to=0;
         if(!SymbolInfoSessionTrade(symbol,(ENUM_DAY_OF_WEEK)day,(uint)i,from,to))
            break;
         any=true;
         // A session may run past midnight: `to` is then a day or more.
         const long at=(long)((now.day_of_week-day+SYMBOLS_DAYS)%SYMBOLS_DAYS)*SECONDS_A_DAY+second;
         if(at>=(long)from && at<(long)to)
            return(true);
        }
   return(!any);
  }

/// Filling that the symbol takes for an order to be done at once. @return false when there is none
bool SymbolsFilling(const string symbol,ENUM_ORDER_TYPE_FILLING &filling)
  {
   const long allowed=SymbolInfoInteger(symbol,SYMBOL_FILLING_MODE);
   if((allowed&(long)SYMBOL_FILLING_IOC)!=0)
     {
      filling=ORDER_FILLING_IOC;
      return(true);
     }
   if((allowed&(long)SYMBOL_FILLING_FOK)!=0)
     {
      filling=ORDER_FILLING_FOK;
      return(true);
     }
   filling=ORDER_FILLING_RETURN;
   return(SymbolInfoInteger(symbol,SYMBOL_TRADE_EXEMODE)!=(long)SYMBOL_TRADE_EXECUTION_MARKET);
  }
