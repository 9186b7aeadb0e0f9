//+------------------------------------------------------------------+
//| Outbox.mqh - acknowledgements that the engine has not had yet.   |
//| Owns: the queue, one newest word a command. Must not change an   |
//| entry. What is lost with the program is made again from the      |
//| journal: every entry that is not acknowledged is told once more. |
//+------------------------------------------------------------------+

const int OUTBOX_MAX_TICKETS=100;

struct Ack
  {
   Entry             entry;
   bool              duplicate;
   ulong             hold_ms;
  };

Ack g_outbox[];

/// Tells the engine an entry as it is now.
void OutboxTell(const Entry &entry,const bool duplicate)
  {
   int row=-1;
   for(int i=0; i<ArraySize(g_outbox); i++)
      if(g_outbox[i].entry.id==entry.id && g_outbox[i].entry.error!="conflict" && entry.error!="conflict")
         row=i;
   if(row<0)
     {
      row=ArraySize(g_outbox);
      ArrayResize(g_outbox,row+1,64);
     }
   g_outbox[row].entry=entry;
   g_outbox[row].duplicate=duplicate;
   g_outbox[row].hold_ms=0;
  }

/// Takes out the first one due. @return false when there is none
bool OutboxTake(Ack &ack)
  {
   const ulong now=GetTickCount64();
   const int count=ArraySize(g_outbox);
   for(int i=0; i<count; i++)
     {
      if(g_outbox[i].hold_ms>now)
         continue;
      ack=g_outbox[i];
      for(int j=i; j<count-1; j++)
         g_outbox[j]=g_outbox[j+1];
      ArrayResize(g_outbox,count-1,64);
      return(true);
     }
   return(false);
  }

/// Puts back what could not be said, unless there is a newer word about the same command.
void OutboxReturn(const Ack &ack,const ulong hold_ms)
  {
   const int count=ArraySize(g_outbox);
   for(int i=0; i<count; i++)
      if(g_outbox[i].entry.id==ack.entry.id && (g_outbox[i].entry.error=="conflict")==(ack.entry.error=="conflict"))
         return;
   ArrayResize(g_outbox,count+1,64);
   g_outbox[count]=ack;
   g_outbox[count].hold_ms=hold_ms;
  }

/// Everything the engine may not know, after a start or a new session.
void OutboxFill()
  {
   for(int i=0; i<ArraySize(g_entries); i++)
      if(!g_entries[i].acked && g_entries[i].state!="received")
         OutboxTell(g_entries[i],false);
  }

/// `ack` payload.
string OutboxPayload(const Ack &ack)
  {
   string payload=JsonText("command_id",ack.entry.id)+","+JsonText("lease_id",ack.entry.lease)+","+JsonText("state",ack.entry.state);
   payload+=","+JsonCount("retcode",(long)ack.entry.retcode)+","+JsonCount("retcode_ext",ack.entry.retcode_ext);
   payload+=","+JsonText("error",ack.entry.error)+","+JsonText("text",ack.entry.text)+","+JsonId("order",ack.entry.order);
   payload+=","+JsonTickets("deals",ack.entry.deals,OUTBOX_MAX_TICKETS);
   payload+=","+JsonTickets("positions",ack.entry.positions,OUTBOX_MAX_TICKETS);
   payload+=","+JsonNumber("cum_lots",ack.entry.cum_lots,8)+","+JsonNumber("avg_price",ack.entry.avg_price,8);
   payload+=","+JsonCount("broker_ms",ack.entry.broker_ms)+","+JsonCount("queue_ms",ack.entry.queue_ms);
   return(payload+","+JsonFlag("duplicate",ack.duplicate));
  }
