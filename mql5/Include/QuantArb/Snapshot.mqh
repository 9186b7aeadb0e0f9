//+------------------------------------------------------------------+
//| Snapshot.mqh - the whole account as two equal reads showed it.   |
//| Owns: the reads, the parts. Must not answer a question asked     |
//| after it was read: it begins after the request has come, while   |
//| connected, and begins anew when the request changes.             |
//+------------------------------------------------------------------+

const int   SNAPSHOT_MAX_ROWS=100;
const ulong SNAPSHOT_APART_MS=1000;

enum SNAPSHOT_STATE
  {
   SNAPSHOT_IDLE,
   SNAPSHOT_READING,
   SNAPSHOT_TELLING
  };

SNAPSHOT_STATE g_snapshot=SNAPSHOT_IDLE;
long           g_snapshot_request=0;
long           g_snapshot_since_msc=0;
string         g_snapshot_print="";
ulong          g_snapshot_read_ms=0;
ulong          g_snapshot_hold_ms=0;
int            g_snapshot_part=0;
string         g_snapshot_account="";
string         g_snapshot_rows[];
int            g_snapshot_kinds[];   // 0 position, 1 order, 2 deal

/// Forgets a snapshot under way.
void SnapshotDrop()
  {
   g_snapshot=SNAPSHOT_IDLE;
   g_snapshot_request=0;
   g_snapshot_print="";
   g_snapshot_hold_ms=0;
   ArrayResize(g_snapshot_rows,0);
   ArrayResize(g_snapshot_kinds,0);
  }

/// What a reply says of snapshots: 0 wants none.
void SnapshotWanted(const long request,const long since_msc)
  {
   if(request==0)
     {
      if(g_snapshot!=SNAPSHOT_IDLE)
         SnapshotDrop();
      return;
     }
   if(g_snapshot!=SNAPSHOT_IDLE && request==g_snapshot_request)
      return;
   SnapshotDrop();
   g_snapshot=SNAPSHOT_READING;
   g_snapshot_request=request;
   g_snapshot_since_msc=since_msc;
  }

/// Reads until two reads at least a second apart are equal.
void SnapshotTurn()
  {
   if(g_snapshot!=SNAPSHOT_READING)
      return;
   if(!AccountListsFit() || !AccountIsSame())
     {
      g_snapshot_print="";
      return;
     }
   const ulong now=GetTickCount64();
   if(g_snapshot_hold_ms>now)
      return;
   if(g_snapshot_print!="" && now-g_snapshot_read_ms<SNAPSHOT_APART_MS)
      return;
   string print="";
   if(!SnapshotRead(print))
     {
      g_snapshot_print="";
      return;
     }
   if(g_snapshot_print==print)
     {
      g_snapshot=SNAPSHOT_TELLING;
      g_snapshot_part=0;
      return;
     }
   g_snapshot_print=print;
   g_snapshot_read_ms=now;
  }

void SnapshotAdd(const int kind,const string row)
  {
   const int count=ArraySize(g_snapshot_rows);
   ArrayResize(g_snapshot_rows,count+1,256);
   ArrayResize(g_snapshot_kinds,count+1,256);
   g_snapshot_rows[count]=row;
   g_snapshot_kinds[count]=kind;
  }

/// One read. `print` tells whether two are equal: prices and profits, which never stand still, are not part of it.
bool SnapshotRead(string &print)
  {
   ArrayResize(g_snapshot_rows,0,256);
   ArrayResize(g_snapshot_kinds,0,256);
   print="";
   if(!SnapshotPositions(print) || !SnapshotOrders(print) || !SnapshotDeals(print))
      return(false);
   g_snapshot_account="{"+JsonNumber("balance",AccountInfoDouble(ACCOUNT_BALANCE),4);
   g_snapshot_account+=","+JsonNumber("equity",AccountInfoDouble(ACCOUNT_EQUITY),4);
   g_snapshot_account+=","+JsonNumber("margin",AccountInfoDouble(ACCOUNT_MARGIN),4);
   g_snapshot_account+=","+JsonNumber("margin_free",AccountInfoDouble(ACCOUNT_MARGIN_FREE),4);
   g_snapshot_account+=","+JsonText("currency",AccountInfoString(ACCOUNT_CURRENCY))+"}";
   print+="$"+TextNumber(AccountInfoDouble(ACCOUNT_BALANCE),4);
   return(true);
  }

bool SnapshotPositions(string &print)
  {
   const int total=PositionsTotal();
   for(int i=total-1; i>=0; i--)
     {
      const ulong ticket=PositionGetTicket(i);
      if(ticket==0)
         return(false);
      const ulong id=(ulong)PositionGetInteger(POSITION_IDENTIFIER);
      const double lots=PositionGetDouble(POSITION_VOLUME);
      const bool buy=PositionGetInteger(POSITION_TYPE)==(long)POSITION_TYPE_BUY;
      string row="{"+JsonId("id",id)+","+JsonId("ticket",ticket);
      row+=","+JsonText("symbol",SymbolsName(PositionGetString(POSITION_SYMBOL)))+","+JsonText("side",buy ? "buy" : "sell");
      row+=","+JsonNumber("lots",lots,8)+","+JsonNumber("price_open",PositionGetDouble(POSITION_PRICE_OPEN),8);
      row+=","+JsonId("magic",(ulong)PositionGetInteger(POSITION_MAGIC));
      row+=","+JsonNumber("swap",PositionGetDouble(POSITION_SWAP),8)+","+JsonNumber("profit",PositionGetDouble(POSITION_PROFIT),8);
      row+=","+JsonId("time_msc",(ulong)PositionGetInteger(POSITION_TIME_MSC));
      row+=","+JsonText("comment",PositionGetString(POSITION_COMMENT))+"}";
      SnapshotAdd(0,row);
      print+="p"+TextId(id)+":"+TextId(ticket)+":"+TextNumber(lots,8);
     }
   return(total==PositionsTotal());
  }

/// Word of an order's type: `market`, or the pending one.
string SnapshotOrderType(const long type)
  {
   switch((int)type)
     {
      case ORDER_TYPE_BUY:
      case ORDER_TYPE_SELL:
         return("market");
      case ORDER_TYPE_BUY_LIMIT:
      case ORDER_TYPE_SELL_LIMIT:
         return("limit");
      case ORDER_TYPE_BUY_STOP:
      case ORDER_TYPE_SELL_STOP:
         return("stop");
      case ORDER_TYPE_BUY_STOP_LIMIT:
      case ORDER_TYPE_SELL_STOP_LIMIT:
         return("stop_limit");
      default:
         return("close_by");
     }
  }

bool SnapshotOrderBuys(const long type)
  {
   return(type==(long)ORDER_TYPE_BUY || type==(long)ORDER_TYPE_BUY_LIMIT || type==(long)ORDER_TYPE_BUY_STOP || type==(long)ORDER_TYPE_BUY_STOP_LIMIT);
  }

bool SnapshotOrders(string &print)
  {
   const int total=OrdersTotal();
   for(int i=total-1; i>=0; i--)
     {
      const ulong ticket=OrderGetTicket(i);
      if(ticket==0)
         return(false);
      const long type=OrderGetInteger(ORDER_TYPE);
      const double left=OrderGetDouble(ORDER_VOLUME_CURRENT);
      string row="{"+JsonId("order",ticket)+","+JsonText("symbol",SymbolsName(OrderGetString(ORDER_SYMBOL)));
      row+=","+JsonText("side",SnapshotOrderBuys(type) ? "buy" : "sell")+","+JsonText("type",SnapshotOrderType(type));
      row+=","+JsonNumber("lots",OrderGetDouble(ORDER_VOLUME_INITIAL),8)+","+JsonNumber("lots_left",left,8);
      row+=","+JsonNumber("price",OrderGetDouble(ORDER_PRICE_OPEN),8)+","+JsonId("magic",(ulong)OrderGetInteger(ORDER_MAGIC));
      row+=","+JsonId("time_msc",(ulong)OrderGetInteger(ORDER_TIME_SETUP_MSC));
      row+=","+JsonText("state",TextWhole(OrderGetInteger(ORDER_STATE)))+"}";
      SnapshotAdd(1,row);
      print+="o"+TextId(ticket)+":"+TextNumber(left,8);
     }
   return(total==OrdersTotal());
  }

/// Deals go through their own marks, so that a revision told here is one that is on disk.
bool SnapshotDeals(string &print)
  {
   const long since_s=g_snapshot_since_msc>0 ? g_snapshot_since_msc/1000 : (long)TimeTradeServer()-DEALS_FIRST_LOOK_S;
   if(!HistorySelect(AccountHistoryFrom(since_s,0),AccountHistoryTo()))
      return(false);
   ulong tickets[];
   string lines[];
   const int total=HistoryDealsTotal();
   for(int i=0; i<total; i++)
     {
      const ulong deal=HistoryDealGetTicket(i);
      if(deal==0)
         return(false);
      if(HistoryDealGetInteger(deal,DEAL_TIME_MSC)<g_snapshot_since_msc)
         continue;
      DealsLook(deal);
      const int row=DealsFind(deal);
      SnapshotAdd(2,DealsRowText(deal,g_deals[row].rev));
      print+="d"+TextId(deal)+":"+TextWhole(g_deals[row].rev);
      if(g_deals[row].stored)
         continue;
      const int count=ArraySize(tickets);
      ArrayResize(tickets,count+1,256);
      ArrayResize(lines,count+1,256);
      tickets[count]=deal;
      lines[count]=DealsLine(g_deals[row]);
     }
   return(DealsStore(tickets,lines));
  }

/// Whether a part waits to be told.
bool SnapshotDue()
  {
   return(g_snapshot==SNAPSHOT_TELLING && g_snapshot_hold_ms<=GetTickCount64());
  }

string SnapshotRows(const int kind,const int from,const int to)
  {
   string rows="";
   for(int i=from; i<to; i++)
      if(g_snapshot_kinds[i]==kind)
         rows+=(rows=="" ? "" : ",")+g_snapshot_rows[i];
   return("["+rows+"]");
  }

/// `snapshot` payload of the next part.
string SnapshotPayload()
  {
   const int count=ArraySize(g_snapshot_rows);
   const int from=g_snapshot_part*SNAPSHOT_MAX_ROWS;
   const int to=from+SNAPSHOT_MAX_ROWS<count ? from+SNAPSHOT_MAX_ROWS : count;
   string payload=JsonCount("request",g_snapshot_request)+","+JsonCount("part",g_snapshot_part)+","+JsonFlag("last",to>=count);
   payload+=","+JsonRaw("account",g_snapshot_account)+","+JsonRaw("positions",SnapshotRows(0,from,to));
   return(payload+","+JsonRaw("orders",SnapshotRows(1,from,to))+","+JsonRaw("deals",SnapshotRows(2,from,to)));
  }

/// The engine has the part: the next one, or none any more.
void SnapshotTaken()
  {
   g_snapshot_part++;
   if(g_snapshot_part*SNAPSHOT_MAX_ROWS>=ArraySize(g_snapshot_rows))
      SnapshotDrop();
  }

/// The engine refused a part: it is read anew later.
void SnapshotRefused(const ulong hold_ms)
  {
   g_snapshot=SNAPSHOT_READING;
   g_snapshot_print="";
   g_snapshot_read_ms=0;
   g_snapshot_hold_ms=hold_ms;
  }
