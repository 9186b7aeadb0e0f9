//+------------------------------------------------------------------+
//| DealWords.mqh - the terminal's figures of a deal as words of the |
//| wire. Owns: type, entry, reason. Must not read deals.            |
//+------------------------------------------------------------------+

/// `trade`, or the word of a money entry.
string DealsTypeWord(const long type)
  {
   switch((int)type)
     {
      case DEAL_TYPE_BUY:
      case DEAL_TYPE_SELL:
         return("trade");
      case DEAL_TYPE_BALANCE:
         return("balance");
      case DEAL_TYPE_CREDIT:
         return("credit");
      case DEAL_TYPE_CHARGE:
         return("charge");
      case DEAL_TYPE_CORRECTION:
         return("correction");
      case DEAL_TYPE_BONUS:
         return("bonus");
      case DEAL_TYPE_COMMISSION:
         return("commission");
      case DEAL_TYPE_COMMISSION_DAILY:
         return("commission_daily");
      case DEAL_TYPE_COMMISSION_MONTHLY:
         return("commission_monthly");
      case DEAL_TYPE_COMMISSION_AGENT_DAILY:
         return("commission_agent_daily");
      case DEAL_TYPE_COMMISSION_AGENT_MONTHLY:
         return("commission_agent_monthly");
      case DEAL_TYPE_INTEREST:
         return("interest");
      case DEAL_TYPE_BUY_CANCELED:
         return("buy_canceled");
      case DEAL_TYPE_SELL_CANCELED:
         return("sell_canceled");
      case DEAL_DIVIDEND:
         return("dividend");
      case DEAL_DIVIDEND_FRANKED:
         return("dividend_franked");
      case DEAL_TAX:
         return("tax");
      default:
         return("other");
     }
  }

/// How a deal changes its position.
string DealsEntryWord(const long entry)
  {
   if(entry==(long)DEAL_ENTRY_IN)
      return("in");
   if(entry==(long)DEAL_ENTRY_OUT)
      return("out");
   if(entry==(long)DEAL_ENTRY_INOUT)
      return("inout");
   return("out_by");
  }

/// What caused a deal.
string DealsReasonWord(const long reason)
  {
   switch((int)reason)
     {
      case DEAL_REASON_CLIENT:
         return("client");
      case DEAL_REASON_MOBILE:
         return("mobile");
      case DEAL_REASON_WEB:
         return("web");
      case DEAL_REASON_EXPERT:
         return("expert");
      case DEAL_REASON_SL:
         return("sl");
      case DEAL_REASON_TP:
         return("tp");
      case DEAL_REASON_SO:
         return("so");
      case DEAL_REASON_ROLLOVER:
         return("rollover");
      case DEAL_REASON_VMARGIN:
         return("vmargin");
      case DEAL_REASON_SPLIT:
         return("split");
      case DEAL_REASON_CORPORATE_ACTION:
         return("corporate_action");
      default:
         return("other");
     }
  }
