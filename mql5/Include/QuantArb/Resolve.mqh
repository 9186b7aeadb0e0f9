//+------------------------------------------------------------------+
//| Resolve.mqh - ends commands whose outcome is open, by evidence.  |
//| Owns: the conclusion from evidence, the patience before it.      |
//| Must not send orders. Invariants: nothing is concluded while     |
//| disconnected; "not executed" takes three empty reads over        |
//| InpResolveSeconds and never follows a server's "done" or an order|
//| that was seen.                                                   |
//+------------------------------------------------------------------+

const int   RESOLVE_ABSENT_READS=3;
const ulong RESOLVE_FAST_MS=1000;
const ulong RESOLVE_FAST_EVERY_MS=20;
const ulong RESOLVE_EVERY_MS=500;

/// Whether an entry waits for evidence.
bool ResolveNeeds(const Entry &entry)
  {
   return((entry.state=="accepted" || entry.state=="unknown") && entry.kind!="flatten");
  }

/// Looks for evidence of all open entries whose turn it is.
void ResolveTurn()
  {
   const ulong now=GetTickCount64();
   for(int i=0; i<ArraySize(g_entries); i++)
     {
      if(!ResolveNeeds(g_entries[i]) || g_entries[i].next_read>now)
         continue;
      Entry entry=g_entries[i];
      const string before=entry.state+entry.deals;
      ResolveStep(entry);
      g_entries[i]=entry;
      if(entry.state+entry.deals!=before)
        {
         JournalPut(entry);
         OutboxTell(entry,false);
        }
     }
  }

/// One look at one entry, which may end it. The caller keeps and tells what changed.
void ResolveStep(Entry &entry)
  {
   const ulong now=GetTickCount64();
   if(!AccountListsFit() || !AccountIsSame())
     {
      JournalForgetReads(entry);
      entry.next_read=now+RESOLVE_EVERY_MS;
      return;
     }
   Evidence found;
   if(!EvidenceRead(entry.num,entry.order,"",entry.sent_s,found))
     {
      entry.next_read=now+RESOLVE_EVERY_MS;
      return;
     }
   if(EvidenceAny(found))
      ResolveFound(entry,found,now);
   else
      ResolveAbsent(entry,now);
   const bool fresh=entry.seen_since==0 || now-entry.seen_since<RESOLVE_FAST_MS;
   entry.next_read=now+(fresh && entry.absent_reads<=1 ? RESOLVE_FAST_EVERY_MS : RESOLVE_EVERY_MS);
  }

/// Deals count; what an order says of itself only tells whether deals are still missing.
void ResolveFound(Entry &entry,const Evidence &found,const ulong now)
  {
   entry.absent_since=0;
   entry.absent_reads=0;
   const string print=EvidencePrint(found);
   if(print!=entry.seen)
     {
      entry.seen=print;
      entry.seen_since=now;
     }
   if(found.order!=0)
      entry.order=found.order;
   if(entry.lots<=0.0)
      entry.lots=found.order_asked;
   entry.deals=found.deals;
   entry.positions=found.positions;
   entry.cum_lots=found.deal_lots;
   entry.avg_price=found.deal_lots>0.0 ? found.deal_value/found.deal_lots : 0.0;
   const bool all=entry.lots>0.0 && found.deal_lots>=entry.lots-LOTS_EPSILON;
   if(all)
     {
      ResolveEnd(entry,"done","");
      return;
     }
   if(found.active)
     {
      if(entry.state=="unknown")
         entry.state="accepted";
      return;
     }
   const bool settled=found.ended && MathAbs(found.order_filled-found.deal_lots)<LOTS_EPSILON;
   // A "done" without its deals: they come later than the order, however long it takes.
   const bool owed=RetcodeSaysExecuted(entry.retcode) && found.deals=="";
   if(settled && !owed)
     {
      ResolveEndByLots(entry,found);
      return;
     }
   if(now-entry.seen_since<(ulong)InpResolveSeconds*1000)
      return;
   ResolveStale(entry,found);
  }

/// The evidence has not changed for a long time, although it is not whole.
void ResolveStale(Entry &entry,const Evidence &found)
  {
   if(found.deals!="" && found.deal_lots>=found.order_filled-LOTS_EPSILON && found.deal_lots>=found.position_lots-LOTS_EPSILON)
     {
      ResolveEndByLots(entry,found);
      return;
     }
   // Orders or positions tell of lots whose deals are missing: only a person or later history can end this.
   if(entry.state!="unknown")
     {
      entry.state="unknown";
      entry.text="orders and positions show lots without deals";
     }
  }

void ResolveEndByLots(Entry &entry,const Evidence &found)
  {
   if(found.deal_lots>0.0)
      ResolveEnd(entry,"partial","");
   else
      ResolveEnd(entry,entry.state=="accepted" && !RetcodeSaysExecuted(entry.retcode) ? "canceled" : "rejected","the order ended without a deal");
  }

void ResolveEnd(Entry &entry,const string state,const string text)
  {
   entry.state=state;
   if(text!="")
      entry.text=text;
   JournalForgetReads(entry);
  }

/// No trace: patience first, and never against a server's own "done".
void ResolveAbsent(Entry &entry,const ulong now)
  {
   if(entry.seen!="")
     {
      // It was there a moment ago: lists that shrink are lists that are being loaded.
      entry.absent_since=0;
      entry.absent_reads=0;
      entry.seen="";
     }
   if(entry.absent_since==0)
     {
      entry.absent_since=now;
      entry.absent_reads=0;
     }
   entry.absent_reads++;
   if(now-entry.absent_since<(ulong)InpResolveSeconds*1000 || entry.absent_reads<RESOLVE_ABSENT_READS)
      return;
   // The server's "done" or "placed", a deal, or an order that was seen: its absence proves nothing.
   if(RetcodeSaysExecuted(entry.retcode) || RetcodeClass(entry.retcode)==RETCODE_ACCEPTED || entry.deals!="" || entry.order!=0)
     {
      if(entry.state!="unknown")
        {
         entry.state="unknown";
         entry.text="the server knew this order, and now there is no trace of it";
        }
      return;
     }
   ResolveEnd(entry,"not_executed","no order, deal or position in "+TextWhole(entry.absent_reads)+" reads");
  }
