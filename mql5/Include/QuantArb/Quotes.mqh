//+------------------------------------------------------------------+
//| Quotes.mqh - the newest quote of every mapped symbol, conflated. |
//| Owns: reading, age, what the engine has not had yet. OnTick      |
//| knows its own chart only and ticks are lost while a handler      |
//| runs, so every symbol is read at every turn.                     |
//+------------------------------------------------------------------+

const int   QUOTES_MAX_BATCH=100;
/// After a longer pause (an order, a slow engine) a new quote may be as old as the pause.
const ulong QUOTES_PAUSE_MS=250;

ulong g_quotes_read_ms=0;

/// Reads all mapped symbols. @return true when one of them is new to the engine
bool QuotesRead()
  {
   bool news=false;
   const ulong now=GetTickCount64();
   const ulong pause=g_quotes_read_ms==0 ? (ulong)0 : now-g_quotes_read_ms;
   g_quotes_read_ms=now;
   for(int i=0; i<ArraySize(g_symbols); i++)
     {
      if(!g_symbols[i].ready)
         continue;
      MqlTick tick={};
      if(!SymbolInfoTick(g_symbols[i].broker,tick) || tick.time_msc<=0 || tick.bid<=0.0 || tick.ask<=0.0)
         continue;
      if(tick.time_msc!=g_symbols[i].time_msc || tick.bid!=g_symbols[i].bid || tick.ask!=g_symbols[i].ask)
        {
         const ulong most=g_symbols[i].time_msc==0 ? now : (pause>QUOTES_PAUSE_MS ? pause : (ulong)0);
         const ulong age=most>0 ? QuotesAgeByServer(tick.time_msc,now) : (ulong)0;
         g_symbols[i].bid=tick.bid;
         g_symbols[i].ask=tick.ask;
         g_symbols[i].time_msc=tick.time_msc;
         g_symbols[i].changed_ms=now-(age<most ? age : most);
         g_symbols[i].dirty=true;
        }
      if(g_symbols[i].dirty && g_symbols[i].wanted && g_symbols[i].hold_ms<=now)
         news=true;
     }
   return(news);
  }

/// How old a quote is that came while nobody looked: one that was there before us may be last Friday's.
ulong QuotesAgeByServer(const long time_msc,const ulong now)
  {
   const long age=(long)TimeTradeServer()*1000-time_msc;
   if(age<=0)
      return(0);
   return((ulong)age<now ? (ulong)age : now);
  }

/// Age of the newest quote of a symbol, ms.
ulong QuotesAge(const MappedSymbol &mapped)
  {
   const ulong now=GetTickCount64();
   return(now>mapped.changed_ms ? now-mapped.changed_ms : (ulong)0);
  }

/// Everything is new to an engine that has just answered hello.
void QuotesAllNew()
  {
   for(int i=0; i<ArraySize(g_symbols); i++)
     {
      g_symbols[i].dirty=g_symbols[i].time_msc>0;
      g_symbols[i].alone=false;
      g_symbols[i].hold_ms=0;
     }
  }

/// The rows the next `tick` request carries.
void QuotesPick(MappedSymbol &batch[])
  {
   ArrayResize(batch,0);
   const ulong now=GetTickCount64();
   for(int i=0; i<ArraySize(g_symbols); i++)
     {
      if(!g_symbols[i].dirty || !g_symbols[i].wanted || g_symbols[i].hold_ms>now)
         continue;
      const int count=ArraySize(batch);
      if(g_symbols[i].alone && count>0)
         continue;
      if(count>=QUOTES_MAX_BATCH)
         return;
      ArrayResize(batch,count+1);
      batch[count]=g_symbols[i];
      if(g_symbols[i].alone)
         return;
     }
  }

/// `tick` payload of a batch; ages are of now, for a repeated quote has grown older.
string QuotesPayload(const MappedSymbol &batch[])
  {
   string rows="";
   for(int i=0; i<ArraySize(batch); i++)
     {
      const int digits=(int)SymbolInfoInteger(batch[i].broker,SYMBOL_DIGITS);
      rows+=(i>0 ? "," : "")+"{"+JsonText("symbol",batch[i].name);
      rows+=","+JsonNumber("bid",batch[i].bid,digits)+","+JsonNumber("ask",batch[i].ask,digits);
      rows+=","+JsonId("time_msc",(ulong)batch[i].time_msc)+","+JsonId("age_ms",QuotesAge(batch[i]))+"}";
     }
   return(JsonRaw("ticks","["+rows+"]"));
  }

/// The engine has a batch: what has not changed since is no news.
void QuotesTaken(const MappedSymbol &batch[])
  {
   for(int i=0; i<ArraySize(batch); i++)
     {
      const int row=SymbolsIndex(batch[i].name);
      if(row<0)
         continue;
      g_symbols[row].alone=false;
      if(g_symbols[row].time_msc==batch[i].time_msc && g_symbols[row].bid==batch[i].bid && g_symbols[row].ask==batch[i].ask)
         g_symbols[row].dirty=false;
     }
  }

/// The engine refused a batch: each of several goes alone, one by itself waits.
void QuotesRefused(const MappedSymbol &batch[],const ulong hold_ms)
  {
   const int count=ArraySize(batch);
   for(int i=0; i<count; i++)
     {
      const int row=SymbolsIndex(batch[i].name);
      if(row<0)
         continue;
      g_symbols[row].alone=true;
      if(count==1)
         g_symbols[row].hold_ms=hold_ms;
     }
  }
