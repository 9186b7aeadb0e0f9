//+------------------------------------------------------------------+
//| Flatten.mqh - a state to reach: no own positions in a scope.     |
//| Owns: one closing order a timer turn, two empty reads, the end.  |
//| Must not open, and touches nothing outside our magic numbers.    |
//| A close names its position, so that an order whose outcome is    |
//| unknown can be followed by another one without doing harm.       |
//+------------------------------------------------------------------+

const ulong FLATTEN_APART_MS=1000;
const ulong FLATTEN_PAUSE_MS=500;
const ulong FLATTEN_UNKNOWN_MS=3000;

string g_flatten_id="";
string g_flatten_scope="";   // empty: all own positions; else the terminal's symbol
ulong  g_flatten_next_ms=0;
ulong  g_flatten_empty_ms=0;
ulong  g_flatten_last=0;     // position that was tried last
ulong  g_flatten_left[];     // positions whose close was refused for good
bool   g_flatten_stuck=false;   // only such positions are left

/// Starts to reach the state, or refuses.
void FlattenBegin(const Command &command,Entry &entry)
  {
   string word=CommandRefusedByState(command,false);
   string symbol="";
   if(word=="" && command.scope!="own")
     {
      const int row=SymbolsIndex(command.scope);
      if(row<0)
         word="symbol";
      else
         symbol=g_symbols[row].broker;
     }
   if(word=="" && g_flatten_id!="")
      word="rate_limit";
   if(word!="")
     {
      ExecuteRefuse(entry,word,"");
      return;
     }
   entry.symbol=symbol;
   entry.state="accepted";
   entry.sent_s=(long)TimeTradeServer();
   if(!JournalPut(entry))
     {
      ExecuteRefuse(entry,"journal","the journal cannot be written");
      return;
     }
   FlattenResume(entry);
   OutboxTell(entry,false);
  }

void FlattenResume(const Entry &entry)
  {
   g_flatten_id=entry.id;
   g_flatten_scope=entry.symbol;
   g_flatten_next_ms=0;
   g_flatten_empty_ms=0;
   g_flatten_last=0;
   ArrayResize(g_flatten_left,0);
  }

/// After a start: what was under way goes on, for it is a state to reach.
void FlattenLoad()
  {
   g_flatten_id="";
   g_flatten_scope="";
   for(int i=0; i<ArraySize(g_entries); i++)
      if(g_entries[i].kind=="flatten" && !JournalIsFinal(g_entries[i].state))
         FlattenResume(g_entries[i]);
  }

/// Selects the own position in scope whose turn it is: one that cannot be closed now must not keep the others open.
/// @return 0 when there is none but those that were refused for good
ulong FlattenPosition()
  {
   ulong first=0;
   bool passed=false;
   g_flatten_stuck=false;
   for(int i=PositionsTotal()-1; i>=0; i--)
     {
      const ulong ticket=PositionGetTicket(i);
      if(ticket==0 || !AccountOwns(PositionGetInteger(POSITION_MAGIC)))
         continue;
      if(g_flatten_scope!="" && PositionGetString(POSITION_SYMBOL)!=g_flatten_scope)
         continue;
      if(EvidenceHasTicket(g_flatten_left,ticket))
        {
         g_flatten_stuck=true;
         continue;
        }
      if(first==0 || passed)
         first=ticket;
      if(passed)
         break;
      passed=ticket==g_flatten_last;
     }
   return(first!=0 && PositionSelectByTicket(first) ? first : (ulong)0);
  }

/// One step, from the timer alone: at most one order.
void FlattenTurn()
  {
   const ulong now=GetTickCount64();
   if(g_flatten_id=="" || now<g_flatten_next_ms || AccountShutGate()!="")
      return;
   const int row=JournalFind(g_flatten_id);
   if(row<0)
     {
      g_flatten_id="";
      return;
     }
   // Without a session nobody has said halt: what was begun waits for the engine's word.
   if(g_session=="" && !g_kill_latched)
      return;
   Entry entry=g_entries[row];
   if(ModeNow()==ENGINE_HALT)
     {
      FlattenEnd(entry,entry.orders=="" ? "rejected" : "partial","mode");
      return;
     }
   const ulong ticket=FlattenPosition();
   if(ticket==0)
     {
      if(g_flatten_empty_ms==0)
         g_flatten_empty_ms=now;
      if(now-g_flatten_empty_ms>=FLATTEN_APART_MS)
         FlattenEnd(entry,g_flatten_stuck ? "partial" : "done","");
      return;
     }
   g_flatten_empty_ms=0;
   g_flatten_last=ticket;
   FlattenClose(entry,ticket);
  }

void FlattenClose(Entry &entry,const ulong ticket)
  {
   OrderPlan plan={};
   plan.symbol=PositionGetString(POSITION_SYMBOL);
   plan.buy=PositionGetInteger(POSITION_TYPE)==(long)POSITION_TYPE_SELL;
   plan.lots=PositionGetDouble(POSITION_VOLUME);
   const double most=SymbolInfoDouble(plan.symbol,SYMBOL_VOLUME_MAX);
   if(most>0.0 && plan.lots>most)
      plan.lots=most;
   plan.limit=0.0;
   plan.points=(long)InpDeviationPoints;
   plan.position=ticket;
   plan.magic=AccountFlattenMagic();
   plan.comment="flatten";
   MqlTradeRequest request={};
   string word=OrderRequest(plan,request);
   if(word=="")
      word=OrderExecute(plan,request,entry,GetTickCount64());
   if(word!="")
     {
      // Neither price nor disk now: later perhaps.
      g_flatten_next_ms=GetTickCount64()+FLATTEN_PAUSE_MS;
      entry.state="accepted";
      return;
     }
   CommandCountSend();
   const RETCODE_CLASS class_of=RetcodeClass(entry.retcode);
   entry.state="accepted";
   entry.error="";
   if(class_of==RETCODE_REJECTED && entry.retcode!=10036 && entry.retcode!=10039)
     {
      // Definite: this one stays, the others are still to be closed.
      EvidenceAddTicket(g_flatten_left,ticket);
     }
   g_flatten_next_ms=0;
   if(class_of==RETCODE_RETRYABLE || class_of==RETCODE_REJECTED)
      g_flatten_next_ms=GetTickCount64()+FLATTEN_PAUSE_MS;
   if(class_of==RETCODE_UNKNOWN || class_of==RETCODE_ACCEPTED)
      g_flatten_next_ms=GetTickCount64()+FLATTEN_UNKNOWN_MS;
   if(!JournalPut(entry))
      Print("QuantArb: journal not written, error ",GetLastError());
  }

/// Ends it: what was closed is what the deals of its orders say.
void FlattenEnd(Entry &entry,const string state,const string error)
  {
   Evidence found;
   if(entry.orders!="" && EvidenceRead(0,0,entry.orders,entry.sent_s,found))
     {
      entry.deals=found.deals;
      entry.positions=found.positions;
      entry.cum_lots=found.deal_lots;
      entry.avg_price=found.deal_lots>0.0 ? found.deal_value/found.deal_lots : 0.0;
     }
   entry.state=state;
   if(state=="partial" && entry.cum_lots<=0.0)
      entry.state="rejected";
   entry.error=error;
   if(!JournalPut(entry))
      Print("QuantArb: journal not written, error ",GetLastError());
   OutboxTell(entry,false);
   g_flatten_id="";
  }
