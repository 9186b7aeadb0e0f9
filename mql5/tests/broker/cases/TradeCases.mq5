// An expert that trades once and says what every trade function told it; driven by trade.test.ts.
#property strict

int step=0;

void Say(const string name,const string value)
  {
   Print(name+"="+value);
  }

void Prepare(MqlTradeRequest &request,MqlTradeResult &result)
  {
   ZeroMemory(request);
   ZeroMemory(result);
   request.action=TRADE_ACTION_DEAL;
   request.symbol=_Symbol;
   request.type_filling=ORDER_FILLING_IOC;
   request.magic=1600000000777;
   request.deviation=10;
  }

int OnInit()
  {
   EventSetMillisecondTimer(20);
   return(INIT_SUCCEEDED);
  }

void OnTradeTransaction(const MqlTradeTransaction &trans,const MqlTradeRequest &request,const MqlTradeResult &result)
  {
   Say("transaction",StringFormat("%d deal %I64u magic %I64u retcode %u",(int)trans.type,trans.deal,request.magic,result.retcode));
  }

void Surroundings()
  {
   Say("chart",_Symbol+" "+IntegerToString(_Digits)+" "+DoubleToString(_Point,2));
   Say("account",IntegerToString(AccountInfoInteger(ACCOUNT_LOGIN))+" "+AccountInfoString(ACCOUNT_SERVER)+" "
       +DoubleToString(AccountInfoDouble(ACCOUNT_BALANCE),2)+" "+IntegerToString(AccountInfoInteger(ACCOUNT_MARGIN_MODE)));
   Say("gates",IntegerToString(TerminalInfoInteger(TERMINAL_CONNECTED))+IntegerToString(TerminalInfoInteger(TERMINAL_TRADE_ALLOWED))
       +IntegerToString(MQLInfoInteger(MQL_TRADE_ALLOWED)));
   MqlTick tick;
   Say("tick",SymbolInfoTick(_Symbol,tick) ? DoubleToString(tick.bid,2)+" "+DoubleToString(tick.ask,2) : "none");
   ResetLastError();
   bool known=SymbolInfoTick("BTCUSD",tick);
   Say("unselected",(string)known+" "+IntegerToString(GetLastError()));
   SymbolSelect("BTCUSD",true);
   Say("selected",(string)SymbolInfoTick("BTCUSD",tick));
   Say("unknown",IntegerToString(SymbolInfoInteger("NONE",SYMBOL_EXIST)));
   Say("volume",DoubleToString(SymbolInfoDouble(_Symbol,SYMBOL_VOLUME_STEP),2)+" "+IntegerToString(SymbolInfoInteger(_Symbol,SYMBOL_FILLING_MODE))
       +" "+DoubleToString(SymbolInfoDouble(_Symbol,SYMBOL_TRADE_CONTRACT_SIZE),0)+" "+SymbolInfoString(_Symbol,SYMBOL_CURRENCY_PROFIT));
   datetime from=0,to=0;
   uint sessions=0;
   while(SymbolInfoSessionTrade(_Symbol,MONDAY,sessions,from,to))
      sessions++;
   Say("sessions",IntegerToString(sessions)+" "+IntegerToString((long)from)+" "+IntegerToString((long)to));
   Say("clocks",IntegerToString((long)TimeTradeServer()-(long)TimeGMT()));
  }

ulong Trade()
  {
   MqlTradeRequest request;
   MqlTradeResult result;
   MqlTradeCheckResult check;
   Prepare(request,result);
   request.type=ORDER_TYPE_BUY;
   request.volume=0.015;
   bool sent=OrderSend(request,result);
   Say("off step",(string)sent+" "+IntegerToString(result.retcode)+" "+IntegerToString(GetLastError()));
   request.volume=0.1;
   request.comment="a \"comment\" of more than thirty-one letters";
   bool checked=OrderCheck(request,check);
   Say("check",(string)checked+" "+IntegerToString(check.retcode));
   sent=OrderSend(request,result);
   Say("open",(string)sent+" "+IntegerToString(result.retcode)+" "+DoubleToString(result.volume,2)+" "+DoubleToString(result.price,2));
   return(result.order);
  }

void Lists(const ulong ticket)
  {
   Say("positions",IntegerToString(PositionsTotal()));
   Say("position",(string)(PositionGetTicket(0)==ticket));
   Say("copied",IntegerToString(PositionGetInteger(POSITION_MAGIC))+" "+DoubleToString(PositionGetDouble(POSITION_VOLUME),2)+" "
       +PositionGetString(POSITION_SYMBOL)+" "+IntegerToString(StringLen(PositionGetString(POSITION_COMMENT))));
   bool found=PositionSelectByTicket(1);
   Say("no position",(string)found+" "+IntegerToString(GetLastError()));
   Say("history",(string)HistorySelect(TimeTradeServer()-3600,TimeTradeServer()+86400));
   int deals=HistoryDealsTotal();
   ulong deal=HistoryDealGetTicket(deals-1);
   Say("deals",IntegerToString(deals)+" "+IntegerToString(HistoryOrdersTotal()));
   Say("deal",IntegerToString(HistoryDealGetInteger(deal,DEAL_MAGIC))+" "+DoubleToString(HistoryDealGetDouble(deal,DEAL_COMMISSION),2)+" "
       +IntegerToString(HistoryDealGetInteger(deal,DEAL_ENTRY))+" "+(string)(HistoryDealGetInteger(deal,DEAL_POSITION_ID)==(long)ticket));
   HistoryDealSelect(deal);
   Say("reset",IntegerToString(HistoryDealsTotal()));
   long magic=HistoryDealGetInteger(1,DEAL_MAGIC);
   Say("gone",IntegerToString(magic)+" "+IntegerToString(GetLastError()));
  }

void Close(const ulong ticket)
  {
   MqlTradeRequest request;
   MqlTradeResult result;
   Prepare(request,result);
   request.type=ORDER_TYPE_SELL;
   request.volume=0.1;
   request.position=ticket;
   bool sent=OrderSendAsync(request,result);
   Say("async",(string)sent+" "+IntegerToString(result.retcode)+" "+IntegerToString(result.request_id));
  }

void OnTimer()
  {
   if(step++>0)
      return;
   Surroundings();
   ulong ticket=Trade();
   Lists(ticket);
   Close(ticket);
   Say("end","");
  }

void OnTick()
  {
   Say("ontick","");
  }
