//+------------------------------------------------------------------+
//| Order.mqh - one order to the trade server.                       |
//| Owns: the request, the price guard, margin check, sending with   |
//| write-ahead. Must not decide whether a command may run.          |
//| Invariants: `sending` is on disk before OrderSend; the worst     |
//| price is the limit; a close names its position; nothing is ever  |
//| sent a second time.                                              |
//+------------------------------------------------------------------+

const int ORDER_MAX_COMMENT=31;

/// What is to be done at once, in the terminal's words.
struct OrderPlan
  {
   string            symbol;
   bool              buy;
   double            lots;
   double            limit;      // 0: any price
   long              points;     // most deviation the engine allows
   ulong             position;   // ticket to close, 0 opens
   ulong             magic;
   string            comment;
  };

/// Price of now and the deviation at which the worst price is the limit. @return empty, or the word of the refusal
string OrderGuard(const OrderPlan &plan,double &price,ulong &deviation)
  {
   price=0.0;
   deviation=0;
   MqlTick tick={};
   if(!SymbolInfoTick(plan.symbol,tick) || tick.bid<=0.0 || tick.ask<=0.0)
      return("quote_old");
   price=plan.buy ? tick.ask : tick.bid;
   long most=plan.points<(long)InpDeviationPoints ? plan.points : (long)InpDeviationPoints;
   if(most<0)
      most=0;
   if(plan.limit>0.0)
     {
      const double point=SymbolInfoDouble(plan.symbol,SYMBOL_POINT);
      if(point<=0.0)
         return("symbol");
      // A hundredth of a point forgives what doubles lose.
      const double room=(plan.buy ? plan.limit-price : price-plan.limit)/point+0.01;
      if(room<0.0)
         return("price_guard");
      if((double)most>room)
         most=(long)MathFloor(room);
     }
   deviation=(ulong)most;
   return("");
  }

/// The request of a plan. @return empty, or the word of the refusal
string OrderRequest(const OrderPlan &plan,MqlTradeRequest &request)
  {
   ZeroMemory(request);
   double price=0.0;
   ulong deviation=0;
   const string word=OrderGuard(plan,price,deviation);
   if(word!="")
      return(word);
   ENUM_ORDER_TYPE_FILLING filling=ORDER_FILLING_IOC;
   if(!SymbolsFilling(plan.symbol,filling))
      return("symbol_mode");
   request.action=TRADE_ACTION_DEAL;
   request.magic=plan.magic;
   request.symbol=plan.symbol;
   request.volume=plan.lots;
   request.price=price;
   request.deviation=deviation;
   request.type=plan.buy ? ORDER_TYPE_BUY : ORDER_TYPE_SELL;
   request.type_filling=filling;
   request.type_time=ORDER_TIME_GTC;
   request.position=plan.position;
   request.comment=StringSubstr(TextPlain(plan.comment),0,ORDER_MAX_COMMENT);
   return("");
  }

/// Margin and form, by the terminal; sends nothing. @return empty, or the word of the refusal
string OrderAffordable(const MqlTradeRequest &request,Entry &entry)
  {
   MqlTradeCheckResult check={};
   ResetLastError();
   if(OrderCheck(request,check))
      return("");
   entry.text="OrderCheck: "+check.comment;
   if(RetcodeClass(check.retcode)==RETCODE_REJECTED || RetcodeClass(check.retcode)==RETCODE_RETRYABLE)
      entry.retcode=check.retcode;
   return(RetcodeCheckWord(check.retcode));
  }

/// Keeps what the server answered; what it means for the command is not decided here.
void OrderKeepResult(Entry &entry,const bool taken,const MqlTradeResult &result,const int error)
  {
   entry.retcode=result.retcode;
   entry.retcode_ext=result.retcode_external;
   if(result.order!=0)
     {
      entry.order=result.order;
      entry.orders=TextListAdd(entry.orders,result.order);
     }
   entry.text=result.comment;
   if(!taken)
      entry.text+=" (error "+TextWhole(error)+")";
  }

/// Journals `sending`, sends once, journals the answer. @return the word of a refusal before sending, else empty
string OrderExecute(const OrderPlan &plan,MqlTradeRequest &request,Entry &entry,const ulong received_ms)
  {
   entry.state="sending";
   entry.text="";
   entry.retcode=0;
   entry.sent_s=(long)TimeTradeServer();
   entry.queue_ms=(long)(GetTickCount64()-received_ms);
   if(!JournalPut(entry))
     {
      entry.sent_s=0;
      return("journal");
     }
   // The disk took its time: the price of now counts, and the account of now.
   string word=OrderGuard(plan,request.price,request.deviation);
   if(word=="" && !AccountIsSame())
      word="account_changed";
   if(word=="" && PanelKillIsDown())
      word="mode";
   if(word!="")
     {
      entry.sent_s=0;
      return(word);
     }
   MqlTradeResult result={};
   const ulong began_us=GetMicrosecondCount();
   ResetLastError();
   const bool taken=OrderSend(request,result);
   const int error=GetLastError();
   entry.broker_ms=(long)((GetMicrosecondCount()-began_us)/1000);
   OrderKeepResult(entry,taken,result,error);
   g_doorbell=true;
   OrderConclude(entry);
   return("");
  }

/// State of an entry by the server's answer and what is to be seen already.
void OrderConclude(Entry &entry)
  {
   const RETCODE_CLASS class_of=RetcodeClass(entry.retcode);
   JournalForgetReads(entry);
   if(class_of==RETCODE_REJECTED || class_of==RETCODE_RETRYABLE)
     {
      entry.state="rejected";
      if(entry.retcode==10036)
         entry.error="position_gone";
     }
   else
     {
      entry.state=class_of==RETCODE_UNKNOWN ? "unknown" : "accepted";
      if(entry.kind!="flatten")
         ResolveStep(entry);
     }
  }

/// Removes a resting order. @return true when the server did it
bool OrderRemove(const ulong order,uint &retcode,string &text)
  {
   MqlTradeRequest request={};
   MqlTradeResult result={};
   request.action=TRADE_ACTION_REMOVE;
   request.order=order;
   ResetLastError();
   const bool taken=OrderSend(request,result);
   retcode=result.retcode;
   text=result.comment;
   g_doorbell=true;
   return(taken && RetcodeSaysExecuted(result.retcode));
  }

/// Selects the position with an identifier: tickets may change, so it is looked up just before it is used.
bool OrderFindPosition(const ulong id,ulong &ticket)
  {
   for(int i=PositionsTotal()-1; i>=0; i--)
     {
      ticket=PositionGetTicket(i);
      if(ticket!=0 && (ulong)PositionGetInteger(POSITION_IDENTIFIER)==id)
         return(true);
     }
   ticket=0;
   return(false);
  }
