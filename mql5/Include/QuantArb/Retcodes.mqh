//+------------------------------------------------------------------+
//| Retcodes.mqh - what a trade server's answer is worth.            |
//| Owns: the classes. Must not send anything. Invariant: calling a  |
//| rejection unknown is safe, the reverse loses money; so whatever  |
//| is not known to be definite is unknown.                          |
//+------------------------------------------------------------------+

enum RETCODE_CLASS
  {
   RETCODE_EXECUTED,   // deals say how much
   RETCODE_ACCEPTED,   // placed, the outcome is open
   RETCODE_UNKNOWN,    // only evidence may end it
   RETCODE_RETRYABLE,  // definite: not executed, another price or moment may do
   RETCODE_REJECTED    // definite: not executed
  };

/// Class of a return code of the trade server or the terminal.
RETCODE_CLASS RetcodeClass(const uint retcode)
  {
   switch((int)retcode)
     {
      case 10009:   // TRADE_RETCODE_DONE
      case 10010:   // TRADE_RETCODE_DONE_PARTIAL
         return(RETCODE_EXECUTED);
      case 10008:   // TRADE_RETCODE_PLACED
         return(RETCODE_ACCEPTED);
      case 10004:   // REQUOTE
      case 10020:   // PRICE_CHANGED
      case 10021:   // PRICE_OFF
      case 10024:   // TOO_MANY_REQUESTS
         return(RETCODE_RETRYABLE);
      case 10006:   // REJECT
      case 10007:   // CANCEL
      case 10013:   // INVALID
      case 10014:   // INVALID_VOLUME
      case 10015:   // INVALID_PRICE
      case 10016:   // INVALID_STOPS
      case 10017:   // TRADE_DISABLED
      case 10018:   // MARKET_CLOSED
      case 10019:   // NO_MONEY
      case 10022:   // INVALID_EXPIRATION
      case 10023:   // ORDER_CHANGED
      case 10025:   // NO_CHANGES
      case 10026:   // SERVER_DISABLES_AT
      case 10027:   // CLIENT_DISABLES_AT
      case 10029:   // FROZEN
      case 10030:   // INVALID_FILL
      case 10032:   // ONLY_REAL
      case 10033:   // LIMIT_ORDERS
      case 10034:   // LIMIT_VOLUME
      case 10035:   // INVALID_ORDER
      case 10036:   // POSITION_CLOSED
      case 10038:   // INVALID_CLOSE_VOLUME
      case 10039:   // CLOSE_ORDER_EXIST
      case 10040:   // LIMIT_POSITIONS
      case 10041:   // REJECT_CANCEL
      case 10042:   // LONG_ONLY
      case 10043:   // SHORT_ONLY
      case 10044:   // CLOSE_ONLY
      case 10045:   // FIFO_CLOSE
      case 10046:   // HEDGE_PROHIBITED
         return(RETCODE_REJECTED);
      default:      // 0, 10011 ERROR, 10012 TIMEOUT, 10028 LOCKED, 10031 CONNECTION, whatever comes later
         return(RETCODE_UNKNOWN);
     }
  }

/// Whether the server said that the order was executed, be it in part.
bool RetcodeSaysExecuted(const uint retcode)
  {
   return(RetcodeClass(retcode)==RETCODE_EXECUTED);
  }

/// The word of ours for a refusal by OrderCheck, which sends nothing.
string RetcodeCheckWord(const uint retcode)
  {
   switch((int)retcode)
     {
      case 10019:
         return("margin");
      case 10014:
         return("volume");
      case 10033:
      case 10034:
      case 10040:
         return("volume_limit");
      case 10017:
      case 10030:
      case 10042:
      case 10043:
      case 10044:
         return("symbol_mode");
      case 10018:
         return("session_closed");
      case 10026:
         return("account_experts_off");
      case 10027:
         return("algo_trading_off");
      case 10031:
         return("disconnected");
      case 10036:
         return("position_gone");
      case 10015:
      case 10021:
         return("price_guard");
      default:
         return("bad_command");
     }
  }
