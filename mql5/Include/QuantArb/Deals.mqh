//+------------------------------------------------------------------+
//| Deals.mqh - every deal of the account as the engine must hear of |
//| it. Owns: revisions, which deals the engine has, their rows.     |
//| Must not decide what a deal means. Invariants: history is the    |
//| truth, OnTradeTransaction only a doorbell; a revision is on disk |
//| before it is told, so that one number never names two figures.   |
//+------------------------------------------------------------------+

const int  DEALS_MAX_BATCH=100;
const long DEALS_OVERLAP_S=259200;      // late commission, clocks that jump
const long DEALS_FIRST_LOOK_S=604800;   // for an engine that knows no deal yet
const long DEALS_KEEP_MSC=2592000000;
const int  DEALS_FIELDS=6;
const int  DEALS_SLACK=5000;
const long DEALS_RECENT_S=86400;        // read every time; the rest of what is watched once a minute
const ulong DEALS_FULL_EVERY_MS=60000;

/// What is known of one deal.
struct DealMark
  {
   ulong             ticket;
   int               rev;
   string            print;        // what may change between revisions
   long              time_msc;
   int               delivered;    // revision the engine has, -1 none
   long              session;      // in which of our sessions it took it
   bool              stored;       // this revision is on disk
   bool              alone;
   ulong             hold_ms;
   string            row;          // JSON while it waits
  };

DealMark g_deals[];
LineFile g_deal_file;
int      g_deal_lines=0;
bool     g_doorbell=true;
ulong    g_deals_scanned_ms=0;
ulong    g_deals_full_ms=0;        // when all of the watched history was read last, 0: it is to be read
long     g_deals_since_msc=0;      // as the session began: from here on everything is told again
long     g_deals_session=0;
int      g_deals_waiting=0;

/// First row whose ticket is not below; the marks are in order of tickets.
int DealsRow(const ulong ticket)
  {
   int low=0;
   int high=ArraySize(g_deals);
   while(low<high)
     {
      const int middle=(low+high)/2;
      if(g_deals[middle].ticket<ticket)
         low=middle+1;
      else
         high=middle;
     }
   return(low);
  }

int DealsFind(const ulong ticket)
  {
   const int row=DealsRow(ticket);
   if(row<ArraySize(g_deals) && g_deals[row].ticket==ticket)
      return(row);
   return(-1);
  }

int DealsInsert(const ulong ticket)
  {
   const int row=DealsRow(ticket);
   const int count=ArraySize(g_deals);
   ArrayResize(g_deals,count+1,512);
   for(int i=count; i>row; i--)
      g_deals[i]=g_deals[i-1];
   g_deals[row].ticket=ticket;
   g_deals[row].rev=0;
   g_deals[row].print="";
   g_deals[row].time_msc=0;
   g_deals[row].delivered=-1;
   g_deals[row].session=-1;
   g_deals[row].stored=false;
   g_deals[row].alone=false;
   g_deals[row].hold_ms=0;
   g_deals[row].row="";
   return(row);
  }

string DealsLine(const DealMark &mark)
  {
   return("D|"+TextId(mark.ticket)+"|"+TextWhole(mark.rev)+"|"+TextWhole(mark.delivered)+"|"+TextWhole(mark.time_msc)+"|"+TextField(mark.print));
  }

/// Reads what earlier runs told. @return empty, or why deals cannot be told
string DealsLoad()
  {
   ArrayResize(g_deals,0,512);
   g_doorbell=true;
   g_deals_scanned_ms=0;
   g_deals_since_msc=0;
   g_deals_session=0;
   g_deals_waiting=0;
   string lines[];
   if(!LineFileOpen(g_deal_file,"QuantArb\\deals-"+AccountFileName()+".txt",lines))
      return("the file of deals cannot be read");
   g_deal_lines=ArraySize(lines);
   const long oldest=(long)TimeTradeServer()*1000-DEALS_KEEP_MSC;
   for(int i=0; i<ArraySize(lines); i++)
     {
      string f[];
      if(StringSplit(lines[i],(ushort)'|',f)!=DEALS_FIELDS || f[0]!="D" || StringToInteger(f[4])<oldest)
         continue;
      const ulong ticket=TextToId(f[1]);
      int row=DealsFind(ticket);
      if(row<0)
         row=DealsInsert(ticket);
      g_deals[row].rev=(int)StringToInteger(f[2]);
      g_deals[row].delivered=(int)StringToInteger(f[3]);
      g_deals[row].time_msc=StringToInteger(f[4]);
      g_deals[row].print=TextUnfield(f[5]);
      g_deals[row].stored=true;
     }
   if(g_deal_lines>ArraySize(g_deals)+DEALS_SLACK || g_deal_file.torn || g_deal_file.damaged>0 || g_deal_file.blocked)
      if(!DealsCompact())
         return("the file of deals cannot be written");
   return("");
  }

bool DealsCompact()
  {
   string lines[];
   int count=0;
   for(int i=0; i<ArraySize(g_deals); i++)
     {
      if(!g_deals[i].stored)
         continue;
      ArrayResize(lines,count+1,512);
      lines[count]=DealsLine(g_deals[i]);
      count++;
     }
   if(!LineFileReplace(g_deal_file,lines))
      return(false);
   g_deal_lines=count;
   return(true);
  }

/// A new session: whatever is not older than what the engine knows is told again.
void DealsNewSession(const long since_msc)
  {
   g_deals_session++;
   g_deals_since_msc=since_msc;
   g_doorbell=true;
   g_deals_full_ms=0;
   for(int i=0; i<ArraySize(g_deals); i++)
     {
      g_deals[i].hold_ms=0;
      g_deals[i].alone=false;
     }
  }

bool DealsMustTell(const DealMark &mark)
  {
   if(mark.delivered!=mark.rev)
      return(true);
   return(mark.session!=g_deals_session && mark.time_msc>=g_deals_since_msc);
  }

/// Start of the history that is watched, server time in seconds.
datetime DealsFrom()
  {
   if(g_deals_since_msc<=0)
      return(AccountHistoryFrom((long)TimeTradeServer(),DEALS_FIRST_LOOK_S));
   return(AccountHistoryFrom(g_deals_since_msc/1000,DEALS_OVERLAP_S));
  }

/// Reads history when the doorbell rang or a second has passed.
void DealsTurn(const ulong every_ms)
  {
   const ulong now=GetTickCount64();
   if(g_deals_session==0 || (!g_doorbell && now-g_deals_scanned_ms<every_ms))
      return;
   if(!AccountConnected() || !AccountIsSame())
     {
      g_deals_full_ms=0;
      return;
     }
   g_doorbell=false;
   g_deals_scanned_ms=now;
   const bool full=g_deals_full_ms==0 || now-g_deals_full_ms>=DEALS_FULL_EVERY_MS;
   datetime from=DealsFrom();
   const datetime recent=AccountHistoryFrom((long)TimeTradeServer(),DEALS_RECENT_S);
   if(!full && from<recent)
      from=recent;
   if(!HistorySelect(from,AccountHistoryTo()))
     {
      g_doorbell=true;
      return;
     }
   if(full)
      g_deals_full_ms=now;
   ulong tickets[];
   const int total=HistoryDealsTotal();
   ArrayResize(tickets,total);
   for(int i=0; i<total; i++)
      tickets[i]=HistoryDealGetTicket(i);
   g_deals_waiting=0;
   for(int i=0; i<total; i++)
      if(tickets[i]!=0)
         DealsLook(tickets[i]);
  }

string DealsPrint(const ulong deal)
  {
   string print=DealsTypeWord(HistoryDealGetInteger(deal,DEAL_TYPE));
   print+="/"+TextNumber(HistoryDealGetDouble(deal,DEAL_COMMISSION),8)+"/"+TextNumber(HistoryDealGetDouble(deal,DEAL_SWAP),8);
   return(print+"/"+TextNumber(HistoryDealGetDouble(deal,DEAL_FEE),8)+"/"+TextNumber(HistoryDealGetDouble(deal,DEAL_PROFIT),8));
  }

void DealsLook(const ulong deal)
  {
   const string print=DealsPrint(deal);
   int row=DealsFind(deal);
   if(row<0)
      row=DealsInsert(deal);
   if(g_deals[row].print!=print)
     {
      if(g_deals[row].print!="")
         g_deals[row].rev++;
      g_deals[row].print=print;
      g_deals[row].stored=false;
      g_deals[row].alone=false;
      g_deals[row].hold_ms=0;
      g_deals[row].row="";
     }
   g_deals[row].time_msc=HistoryDealGetInteger(deal,DEAL_TIME_MSC);
   if(!DealsMustTell(g_deals[row]))
      return;
   g_deals_waiting++;
   if(g_deals[row].row=="")
      g_deals[row].row=DealsRowText(deal,g_deals[row].rev);
  }

string DealsRowText(const ulong deal,const int rev)
  {
   const long type=HistoryDealGetInteger(deal,DEAL_TYPE);
   const bool trade=type==(long)DEAL_TYPE_BUY || type==(long)DEAL_TYPE_SELL;
   string side="none";
   if(trade)
      side=type==(long)DEAL_TYPE_BUY ? "buy" : "sell";
   string row="{"+JsonId("deal",deal)+","+JsonId("order",(ulong)HistoryDealGetInteger(deal,DEAL_ORDER));
   row+=","+JsonId("position_id",(ulong)HistoryDealGetInteger(deal,DEAL_POSITION_ID));
   row+=","+JsonId("magic",(ulong)HistoryDealGetInteger(deal,DEAL_MAGIC));
   row+=","+JsonText("symbol",SymbolsName(HistoryDealGetString(deal,DEAL_SYMBOL)))+","+JsonText("side",side);
   row+=","+JsonText("entry",trade ? DealsEntryWord(HistoryDealGetInteger(deal,DEAL_ENTRY)) : "none");
   row+=","+JsonNumber("lots",HistoryDealGetDouble(deal,DEAL_VOLUME),8)+","+JsonNumber("price",HistoryDealGetDouble(deal,DEAL_PRICE),8);
   row+=","+JsonNumber("commission",HistoryDealGetDouble(deal,DEAL_COMMISSION),8)+","+JsonNumber("swap",HistoryDealGetDouble(deal,DEAL_SWAP),8);
   row+=","+JsonNumber("fee",HistoryDealGetDouble(deal,DEAL_FEE),8)+","+JsonNumber("profit",HistoryDealGetDouble(deal,DEAL_PROFIT),8);
   row+=","+JsonId("time_msc",(ulong)HistoryDealGetInteger(deal,DEAL_TIME_MSC));
   row+=","+JsonText("reason",DealsReasonWord(HistoryDealGetInteger(deal,DEAL_REASON)))+","+JsonText("type",DealsTypeWord(type));
   return(row+","+JsonText("comment",HistoryDealGetString(deal,DEAL_COMMENT))+","+JsonCount("rev",rev)+"}");
  }

/// The deals the next `fill` carries, on disk with their revisions. @return false when there are none, or no disk
bool DealsPick(ulong &tickets[],int &revs[],string &payload)
  {
   ArrayResize(tickets,0);
   ArrayResize(revs,0);
   string rows="";
   string lines[];
   const ulong now=GetTickCount64();
   for(int i=0; i<ArraySize(g_deals) && ArraySize(tickets)<DEALS_MAX_BATCH; i++)
     {
      const int count=ArraySize(tickets);
      if(g_deals[i].row=="" || g_deals[i].hold_ms>now || (g_deals[i].alone && count>0))
         continue;
      ArrayResize(tickets,count+1,DEALS_MAX_BATCH);
      ArrayResize(revs,count+1,DEALS_MAX_BATCH);
      tickets[count]=g_deals[i].ticket;
      revs[count]=g_deals[i].rev;
      rows+=(count>0 ? "," : "")+g_deals[i].row;
      if(!g_deals[i].stored)
        {
         ArrayResize(lines,ArraySize(lines)+1,DEALS_MAX_BATCH);
         lines[ArraySize(lines)-1]=DealsLine(g_deals[i]);
        }
      if(g_deals[i].alone)
         break;
     }
   if(ArraySize(tickets)==0 || !DealsStore(tickets,lines))
      return(false);
   payload=JsonRaw("deals","["+rows+"]");
   return(true);
  }

bool DealsStore(const ulong &tickets[],const string &lines[])
  {
   if(ArraySize(lines)>0 && !LineFileAppend(g_deal_file,lines))
      return(false);
   g_deal_lines+=ArraySize(lines);
   for(int i=0; i<ArraySize(tickets); i++)
     {
      const int row=DealsFind(tickets[i]);
      if(row>=0)
         g_deals[row].stored=true;
     }
   return(true);
  }

/// The engine has these revisions.
void DealsTaken(const ulong &tickets[],const int &revs[])
  {
   string lines[];
   int count=0;
   for(int i=0; i<ArraySize(tickets); i++)
     {
      const int row=DealsFind(tickets[i]);
      if(row<0)
         continue;
      const bool known=g_deals[row].delivered==revs[i];
      g_deals[row].delivered=revs[i];
      g_deals[row].session=g_deals_session;
      g_deals[row].alone=false;
      if(g_deals[row].rev==revs[i])
        {
         g_deals[row].row="";
         if(g_deals_waiting>0)
            g_deals_waiting--;
        }
      if(known || g_deals[row].rev!=revs[i])
         continue;
      ArrayResize(lines,count+1,DEALS_MAX_BATCH);
      lines[count]=DealsLine(g_deals[row]);
      count++;
     }
   if(count>0 && LineFileAppend(g_deal_file,lines))
      g_deal_lines+=count;
   if(g_deal_lines>ArraySize(g_deals)+DEALS_SLACK && !DealsCompact())
      Print("QuantArb: the file of deals could not be written anew, error ",GetLastError());
  }

/// The engine refused a batch: each of several goes alone, one by itself waits.
void DealsRefused(const ulong &tickets[],const ulong hold_ms)
  {
   for(int i=0; i<ArraySize(tickets); i++)
     {
      const int row=DealsFind(tickets[i]);
      if(row<0)
         continue;
      g_deals[row].alone=true;
      if(ArraySize(tickets)==1)
         g_deals[row].hold_ms=hold_ms;
     }
  }
