//+------------------------------------------------------------------+
//| Evidence.mqh - what orders, deals and positions say of one       |
//| command, found by its magic number. Owns: the reads. Must not    |
//| conclude anything. Tickets are collected first and read later,   |
//| for selecting a single deal would empty the list.                |
//+------------------------------------------------------------------+

/// History is searched this long before the moment of sending: magic numbers are unique, server clocks jump.
const long EVIDENCE_BACK_S=21600;

/// Everything that bears the magic number (or the order ticket) of one command.
struct Evidence
  {
   bool              active;        // an order still stands
   bool              ended;         // an order is in history
   ulong             order;
   double            order_asked;   // lots of the orders in history
   double            order_filled;  // lots of the orders in history that were filled, by their own word
   double            deal_lots;
   double            deal_value;    // lots times price
   string            deals;
   string            positions;     // identifiers from deals, and of positions that bear the number
   double            position_lots;
   double            position_price;
  };

/// Reads all there is about a magic number. `order` may be 0. @return false when history could not be selected
bool EvidenceRead(const ulong num,const ulong order,const string orders,const long sent_s,Evidence &found)
  {
   found.active=false;
   found.ended=false;
   found.order=order;
   found.order_asked=0.0;
   found.order_filled=0.0;
   found.deal_lots=0.0;
   found.deal_value=0.0;
   found.deals="";
   found.positions="";
   found.position_lots=0.0;
   found.position_price=0.0;
   const long since=sent_s>0 ? sent_s : (long)TimeTradeServer();
   if(!HistorySelect(AccountHistoryFrom(since,EVIDENCE_BACK_S),AccountHistoryTo()))
      return(false);
   ulong tickets[];
   EvidenceTickets(order,orders,tickets);
   // What stands first: an order that ends in between is then in history.
   EvidenceFromActive(num,tickets,found);
   EvidenceFromOrders(num,tickets,found);
   EvidenceFromDeals(num,tickets,found);
   EvidenceFromPositions(num,found);
   return(true);
  }

/// Whether an order came of a stop or of the broker: it bears the number of the position, not of a command.
bool EvidenceOrderIsNobodys(const long reason)
  {
   return(reason==(long)ORDER_REASON_SL || reason==(long)ORDER_REASON_TP || reason==(long)ORDER_REASON_SO);
  }

/// The same of a deal.
bool EvidenceDealIsNobodys(const long reason)
  {
   if(reason==(long)DEAL_REASON_SL || reason==(long)DEAL_REASON_TP || reason==(long)DEAL_REASON_SO)
      return(true);
   return(reason==(long)DEAL_REASON_ROLLOVER || reason==(long)DEAL_REASON_VMARGIN || reason==(long)DEAL_REASON_SPLIT || reason==(long)DEAL_REASON_CORPORATE_ACTION);
  }

void EvidenceTickets(const ulong order,const string orders,ulong &tickets[])
  {
   ArrayResize(tickets,0);
   if(order!=0)
      EvidenceAddTicket(tickets,order);
   string rows[];
   const int count=orders=="" ? 0 : StringSplit(orders,(ushort)',',rows);
   for(int i=0; i<count; i++)
      EvidenceAddTicket(tickets,TextToId(rows[i]));
  }

bool EvidenceHasTicket(const ulong &tickets[],const ulong ticket)
  {
   for(int i=0; i<ArraySize(tickets); i++)
      if(tickets[i]==ticket)
         return(true);
   return(false);
  }

void EvidenceAddTicket(ulong &tickets[],const ulong ticket)
  {
   if(ticket==0 || EvidenceHasTicket(tickets,ticket))
      return;
   const int count=ArraySize(tickets);
   ArrayResize(tickets,count+1,16);
   tickets[count]=ticket;
  }

void EvidenceFromActive(const ulong num,ulong &tickets[],Evidence &found)
  {
   for(int i=OrdersTotal()-1; i>=0; i--)
     {
      const ulong ticket=OrderGetTicket(i);
      if(ticket==0)
         continue;
      if((num==0 || OrderGetInteger(ORDER_MAGIC)!=(long)num) && !EvidenceHasTicket(tickets,ticket))
         continue;
      if(EvidenceOrderIsNobodys(OrderGetInteger(ORDER_REASON)))
         continue;
      found.active=true;
      found.order=ticket;
      EvidenceAddTicket(tickets,ticket);
     }
  }

void EvidenceFromOrders(const ulong num,ulong &tickets[],Evidence &found)
  {
   for(int i=HistoryOrdersTotal()-1; i>=0; i--)
     {
      const ulong ticket=HistoryOrderGetTicket(i);
      if(ticket==0)
         continue;
      if((num==0 || HistoryOrderGetInteger(ticket,ORDER_MAGIC)!=(long)num) && !EvidenceHasTicket(tickets,ticket))
         continue;
      if(EvidenceOrderIsNobodys(HistoryOrderGetInteger(ticket,ORDER_REASON)))
         continue;
      found.ended=true;
      if(found.order==0)
         found.order=ticket;
      EvidenceAddTicket(tickets,ticket);
      found.order_asked+=HistoryOrderGetDouble(ticket,ORDER_VOLUME_INITIAL);
      found.order_filled+=HistoryOrderGetDouble(ticket,ORDER_VOLUME_INITIAL)-HistoryOrderGetDouble(ticket,ORDER_VOLUME_CURRENT);
     }
  }

void EvidenceFromDeals(const ulong num,const ulong &tickets[],Evidence &found)
  {
   for(int i=0; i<HistoryDealsTotal(); i++)
     {
      const ulong deal=HistoryDealGetTicket(i);
      if(deal==0)
         continue;
      const long type=HistoryDealGetInteger(deal,DEAL_TYPE);
      if(type!=(long)DEAL_TYPE_BUY && type!=(long)DEAL_TYPE_SELL)
         continue;
      const ulong order=(ulong)HistoryDealGetInteger(deal,DEAL_ORDER);
      if((num==0 || HistoryDealGetInteger(deal,DEAL_MAGIC)!=(long)num) && !EvidenceHasTicket(tickets,order))
         continue;
      if(EvidenceDealIsNobodys(HistoryDealGetInteger(deal,DEAL_REASON)))
         continue;
      const double lots=HistoryDealGetDouble(deal,DEAL_VOLUME);
      found.deal_lots+=lots;
      found.deal_value+=lots*HistoryDealGetDouble(deal,DEAL_PRICE);
      found.deals=TextListAdd(found.deals,deal);
      if(found.order==0)
         found.order=order;
      const ulong position=(ulong)HistoryDealGetInteger(deal,DEAL_POSITION_ID);
      if(position!=0)
         found.positions=TextListAdd(found.positions,position);
     }
  }

void EvidenceFromPositions(const ulong num,Evidence &found)
  {
   if(num==0)
      return;
   for(int i=PositionsTotal()-1; i>=0; i--)
     {
      const ulong ticket=PositionGetTicket(i);
      if(ticket==0 || PositionGetInteger(POSITION_MAGIC)!=(long)num)
         continue;
      found.position_lots+=PositionGetDouble(POSITION_VOLUME);
      found.position_price=PositionGetDouble(POSITION_PRICE_OPEN);
      found.positions=TextListAdd(found.positions,(ulong)PositionGetInteger(POSITION_IDENTIFIER));
     }
  }

/// Whether there is any trace at all.
bool EvidenceAny(const Evidence &found)
  {
   return(found.active || found.ended || found.deals!="" || found.positions!="");
  }

/// The same evidence reads the same.
string EvidencePrint(const Evidence &found)
  {
   string print=(found.active ? "a" : "-")+(found.ended ? "e" : "-")+TextId(found.order)+"/"+found.deals+"/"+found.positions;
   return(print+"/"+TextNumber(found.deal_lots,8)+"/"+TextNumber(found.order_filled,8)+"/"+TextNumber(found.position_lots,8));
  }
