//+------------------------------------------------------------------+
//| Execute.mqh - takes a command to its first outcome.              |
//| Owns: journal lookup, the order of work, cancel and query.       |
//| Must not repeat anything: an id in the journal is answered from  |
//| the journal. Every refusal of a new id is written down too, for  |
//| the engine may have been told of it when the answer was lost.    |
//+------------------------------------------------------------------+

/// How far back a command is looked for whose time of sending nobody here knows.
const long EXECUTE_SEARCH_BACK_S=2592000;

/// Does what a signed reply of our session asked for.
void ExecuteCommand(const Command &command)
  {
   if(command.kind=="query" && command.fault=="")
     {
      ExecuteQuery(command);
      return;
     }
   if(command.kind=="cancel" && command.fault=="")
     {
      ExecuteCancel(command);
      return;
     }
   if(ExecuteKnown(command))
      return;
   Entry entry;
   JournalBlank(entry,command.id,command.num,command.kind,command.lease);
   entry.content=CommandContent(command);
   entry.side=command.side;
   entry.lots=command.lots;
   entry.position_id=command.position_id;
   if(command.fault!="")
     {
      ExecuteRefuse(entry,"bad_command","cannot be read: "+command.fault);
      return;
     }
   if(CommandTrades(command) && command.num<=g_highest_num)
     {
      ExecuteRefuse(entry,"stale","not above "+TextId(g_highest_num));
      return;
     }
   if(command.kind=="flatten")
      FlattenBegin(command,entry);
   else
      ExecuteTrade(command,entry);
  }

/// Answers an id of the journal. @return false when it is not there
bool ExecuteKnown(const Command &command)
  {
   const int row=JournalFind(command.id);
   if(row<0)
      return(false);
   Entry entry=g_entries[row];
   if(entry.content!="" && entry.content!=CommandContent(command))
     {
      entry.state="rejected";
      entry.error="conflict";
      entry.text="came before with other content";
      entry.lease=command.lease;
      OutboxTell(entry,true);
      return(true);
     }
   entry.lease=command.lease;
   g_entries[row].lease=command.lease;
   OutboxTell(entry,true);
   return(true);
  }

/// Ends an entry that never began, on disk before it is told.
void ExecuteRefuse(Entry &entry,const string word,const string text)
  {
   entry.state=word=="expired" ? "expired" : "rejected";
   entry.error=word;
   if(text!="")
      entry.text=text;
   if(!JournalPut(entry))
      Print("QuantArb: journal not written, error ",GetLastError());
   OutboxTell(entry,false);
   Print("QuantArb: ",entry.kind," ",entry.id," refused: ",word," ",entry.text);
  }

/// Open or close, from the gates to the server's answer.
void ExecuteTrade(const Command &command,Entry &entry)
  {
   string text="";
   string word=CommandRefusedByState(command,command.kind=="open");
   if(word=="" && !AccountIsHedging())
     {
      word="bad_command";
      text="the account is not a hedging account";
     }
   if(word=="")
      word=CommandRefusedBySymbol(command,text);
   const int row=SymbolsIndex(command.symbol);
   if(row>=0)
      entry.symbol=g_symbols[row].broker;
   if(word=="")
      word=CommandRefusedByVolume(command,entry.symbol,text);
   OrderPlan plan={};
   if(word=="")
      word=ExecutePlan(command,entry.symbol,plan,text);
   if(word!="")
     {
      ExecuteRefuse(entry,word,text);
      return;
     }
   if(ExecuteDoneBefore(entry))
      return;
   MqlTradeRequest request={};
   word=OrderRequest(plan,request);
   if(word=="")
      word=OrderAffordable(request,entry);
   // Reads and checks took their time.
   if(word=="" && CommandExpired(command))
      word="expired";
   if(word=="")
     {
      CommandCountSend();
      word=OrderExecute(plan,request,entry,command.received_ms);
     }
   if(word!="")
     {
      ExecuteRefuse(entry,word,"");
      return;
     }
   if(!JournalPut(entry))
      Print("QuantArb: journal not written, error ",GetLastError());
   OutboxTell(entry,false);
   Print("QuantArb: ",entry.kind," ",entry.id," ",entry.state," retcode ",entry.retcode);
  }

/// Plan of a command; for a close the ticket that its position has now. @return empty, or the word of the refusal
string ExecutePlan(const Command &command,const string symbol,OrderPlan &plan,string &text)
  {
   plan.symbol=symbol;
   plan.buy=command.side=="buy";
   plan.lots=command.lots;
   plan.limit=command.limit;
   plan.points=command.points;
   plan.position=0;
   plan.magic=command.num;
   plan.comment=command.comment;
   if(command.kind=="open")
      return("");
   ulong ticket=0;
   if(!OrderFindPosition(command.position_id,ticket))
      return("position_gone");
   if(PositionGetString(POSITION_SYMBOL)!=symbol || !AccountOwns(PositionGetInteger(POSITION_MAGIC)))
     {
      text="the position is not ours";
      return("bad_command");
     }
   if((PositionGetInteger(POSITION_TYPE)==(long)POSITION_TYPE_BUY)==plan.buy)
     {
      text="the side does not close this position";
      return("bad_command");
     }
   if(command.lots>PositionGetDouble(POSITION_VOLUME)+LOTS_EPSILON)
     {
      text="larger than the position, "+TextNumber(PositionGetDouble(POSITION_VOLUME),8);
      return("volume");
     }
   plan.position=ticket;
   return("");
  }

/// The server knows the number although the journal does not: a lost journal must not execute twice.
bool ExecuteDoneBefore(Entry &entry)
  {
   Evidence found;
   const bool read=AccountListsFit() && EvidenceRead(entry.num,0,"",0,found);
   if(read && !EvidenceAny(found))
      return(false);
   if(!read)
     {
      ExecuteRefuse(entry,"journal","history cannot be read");
      return(true);
     }
   entry.state="unknown";
   entry.text="the server knows this number already";
   entry.sent_s=(long)TimeTradeServer();
   ResolveStep(entry);
   if(!JournalPut(entry))
      Print("QuantArb: journal not written, error ",GetLastError());
   OutboxTell(entry,true);
   return(true);
  }

/// Answers a cancel or query command itself; it changes nothing and is not journaled.
void ExecuteAnswer(const Command &command,const string state,const string error,const uint retcode,const string text)
  {
   Entry answer;
   JournalBlank(answer,command.id,command.num,command.kind,command.lease);
   answer.state=state;
   answer.error=error;
   answer.retcode=retcode;
   answer.text=text;
   OutboxTell(answer,false);
  }

/// Writes an id down as ended although no command with it was ever delivered: a late delivery cannot run it.
bool ExecuteTombstone(const string id,const ulong num,const string state,const string lease)
  {
   Entry tomb;
   JournalBlank(tomb,id,num,"target",lease);
   tomb.state=state;
   const bool kept=JournalPut(tomb);
   OutboxTell(tomb,false);
   return(kept);
  }

/// cancel: what has not begun never will; a resting order is removed; else too late.
void ExecuteCancel(const Command &command)
  {
   const int row=JournalFind(command.target);
   if(row<0)
     {
      if(ExecuteTombstone(command.target,0,"canceled",command.lease))
         ExecuteAnswer(command,"done","",0,"it will never begin");
      else
         ExecuteAnswer(command,"rejected","journal",0,"the journal cannot be written");
      return;
     }
   Entry entry=g_entries[row];
   if(entry.state=="canceled")
     {
      OutboxTell(entry,true);
      ExecuteAnswer(command,"done","",0,"");
      return;
     }
   bool removed=false;
   uint retcode=0;
   string text="";
   if(ResolveNeeds(entry))
     {
      ResolveStep(entry);
      // Only an order that is known to rest can be removed.
      if(entry.state=="accepted" && entry.order!=0 && OrderSelect(entry.order) && AccountShutGate()=="")
         removed=OrderRemove(entry.order,retcode,text);
      if(removed)
         ResolveStep(entry);
      if(!JournalPut(entry))
         Print("QuantArb: journal not written, error ",GetLastError());
     }
   OutboxTell(entry,true);
   if(removed)
      ExecuteAnswer(command,"done","",retcode,"");
   else
      ExecuteAnswer(command,"rejected","too_late",RetcodeClass(retcode)==RETCODE_REJECTED ? retcode : (uint)0,text);
  }

/// query: what became of the target, from the journal or else from the broker; nowhere: it never will run.
void ExecuteQuery(const Command &command)
  {
   int row=JournalFind(command.target);
   if(row<0)
     {
      Entry target;
      JournalBlank(target,command.target,command.num,"target",command.lease);
      target.state="unknown";
      target.sent_s=(long)TimeTradeServer()-EXECUTE_SEARCH_BACK_S;
      if(!ExecuteSearch(target))
        {
         ExecuteAnswer(command,"rejected","disconnected",0,"the broker cannot be asked now");
         return;
        }
      if(!JournalPut(target))
        {
         ExecuteAnswer(command,"rejected","journal",0,"the journal cannot be written");
         return;
        }
      row=JournalFind(command.target);
     }
   else
      if(ResolveNeeds(g_entries[row]))
        {
         Entry entry=g_entries[row];
         ResolveStep(entry);
         if(!JournalPut(entry))
            Print("QuantArb: journal not written, error ",GetLastError());
         // The journal may have been written anew, and rows have moved.
         row=JournalFind(command.target);
        }
   if(row>=0)
      OutboxTell(g_entries[row],true);
   ExecuteAnswer(command,"done","",0,"");
  }

/// Looks for a command the journal does not know. @return false when the broker cannot be asked now
bool ExecuteSearch(Entry &target)
  {
   if(!AccountListsFit() || !AccountIsSame())
      return(false);
   Evidence found;
   if(!EvidenceRead(target.num,0,"",target.sent_s,found))
      return(false);
   if(EvidenceAny(found))
     {
      ResolveStep(target);
      return(true);
     }
   // With the whole journal at hand its silence is proof; a new or damaged one needs the patience of the resolver.
   if(JournalKnowsAll(target.num))
     {
      target.state="not_executed";
      target.text="never begun here";
     }
   return(true);
  }
