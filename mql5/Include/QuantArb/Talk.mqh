//+------------------------------------------------------------------+
//| Talk.mqh - what is said next, and what an answer means for it.   |
//| Owns: the request under way, the order of urgency. Must not      |
//| judge commands. Invariant: what was not answered is not lost; a  |
//| repeat says the same with the same number.                       |
//+------------------------------------------------------------------+

const int   TALK_MAX_A_TURN=16;
const ulong TALK_HEARTBEAT_MS=250;

enum TALK_KIND
  {
   TALK_NOTHING,
   TALK_HELLO,
   TALK_ACK,
   TALK_POLL,
   TALK_FILL,
   TALK_SNAPSHOT,
   TALK_TICK
  };

TALK_KIND    g_talk=TALK_NOTHING;
string       g_talk_payload="";
string       g_talk_gates="";
int          g_talk_presses=0;
Ack          g_talk_ack;
ulong        g_talk_deals[];
int          g_talk_revs[];
MappedSymbol g_talk_quotes[];
bool         g_poll_now=false;
ulong        g_poll_hold_ms=0;
ulong        g_polled_ms=0;
string       g_boot_id="";
string       g_polled_gates="";

/// Nothing is under way.
void TalkStart()
  {
   g_talk=TALK_NOTHING;
   g_talk_payload="";
   g_talk_gates="";
   g_poll_now=true;
   g_poll_hold_ms=0;
   g_polled_ms=0;
   g_polled_gates="";
  }

string TalkHello()
  {
   string payload=JsonText("boot_id",g_boot_id)+","+JsonId("login",(ulong)g_login)+","+JsonText("server",g_server);
   payload+=","+JsonText("company",AccountInfoString(ACCOUNT_COMPANY))+","+JsonText("currency",AccountInfoString(ACCOUNT_CURRENCY));
   payload+=","+JsonCount("margin_mode",AccountMarginMode())+","+JsonCount("account_kind",AccountKind());
   payload+=","+JsonCount("terminal_build",TerminalInfoInteger(TERMINAL_BUILD))+","+JsonText("ea_version",EA_VERSION);
   payload+=","+JsonCount("server_utc_offset_s",AccountOffset())+","+JsonId("magic_base",InpMagicBase);
   payload+=",\"limits\":{"+JsonNumber("max_lots_command",InpMaxLotsCommand,8)+","+JsonNumber("max_lots_total",InpMaxLotsTotal,8);
   payload+=","+JsonCount("max_commands_minute",InpMaxCommandsMinute)+","+JsonFlag("opening",InpAllowOpening)+"}";
   payload+=","+JsonRaw("symbols",SymbolsTable())+","+JsonRaw("open_ids",JournalOpenIds());
   return(payload+","+JsonCount("kill_presses",g_kill_presses));
  }

string TalkPoll()
  {
   int positions=0;
   const double lots=AccountOwnLots(positions);
   string payload=JsonFlag("connected",AccountConnected())+","+JsonCount("ping_us",TerminalInfoInteger(TERMINAL_PING_LAST));
   payload+=","+JsonNumber("equity",AccountInfoDouble(ACCOUNT_EQUITY),4)+","+JsonNumber("margin_free",AccountInfoDouble(ACCOUNT_MARGIN_FREE),4);
   payload+=","+JsonCount("queue_depth",(long)ArraySize(g_outbox)+(long)g_deals_waiting)+","+JsonCount("http_us_max",(long)g_http_us_max);
   payload+=","+JsonCount("open_positions",positions)+","+JsonNumber("open_lots",lots,8);
   return(payload+","+JsonCount("server_utc_offset_s",AccountOffset())+","+JsonCount("kill_presses",g_kill_presses));
  }

bool TalkPollDue()
  {
   const ulong now=GetTickCount64();
   if(g_poll_hold_ms>now)
      return(false);
   if(g_more || now-g_polled_ms>=TALK_HEARTBEAT_MS)
      return(true);
   return(now-g_link_answer_ms>=(ulong)g_poll_ms);
  }

/// The most urgent thing there is to say.
TALK_KIND TalkChoose(const bool quotes_said)
  {
   if(g_session=="")
     {
      g_talk_presses=g_kill_presses;
      g_talk_payload=TalkHello();
      return(TALK_HELLO);
     }
   const ulong now=GetTickCount64();
   if((g_poll_now || AccountGates()!=g_polled_gates) && g_poll_hold_ms<=now)
      return(TalkChoosePoll());
   if(OutboxTake(g_talk_ack))
     {
      g_talk_payload=OutboxPayload(g_talk_ack);
      return(TALK_ACK);
     }
   if(DealsPick(g_talk_deals,g_talk_revs,g_talk_payload))
      return(TALK_FILL);
   if(SnapshotDue())
     {
      g_talk_payload=SnapshotPayload();
      return(TALK_SNAPSHOT);
     }
   if(!quotes_said && QuotesRead())
     {
      QuotesPick(g_talk_quotes);
      if(ArraySize(g_talk_quotes)>0)
         return(TALK_TICK);
     }
   if(TalkPollDue())
      return(TalkChoosePoll());
   return(TALK_NOTHING);
  }

TALK_KIND TalkChoosePoll()
  {
   g_poll_now=false;
   g_polled_gates=AccountGates();
   g_talk_presses=g_kill_presses;
   g_talk_payload=TalkPoll();
   return(TALK_POLL);
  }

string TalkPath(const TALK_KIND kind)
  {
   switch(kind)
     {
      case TALK_HELLO:
         return("hello");
      case TALK_ACK:
         return("ack");
      case TALK_POLL:
         return("poll");
      case TALK_FILL:
         return("fill");
      case TALK_SNAPSHOT:
         return("snapshot");
      default:
         return("tick");
     }
  }

/// What was said has arrived.
void TalkTaken(const JsonDoc &doc)
  {
   switch(g_talk)
     {
      case TALK_HELLO:
         g_kill_told=g_talk_presses;
         LinkOpened(doc);
         OutboxFill();
         g_poll_now=true;
         g_poll_hold_ms=0;
         break;
      case TALK_POLL:
         g_kill_told=g_talk_presses;
         g_polled_ms=GetTickCount64();
         g_http_us_max=0;
         break;
      case TALK_ACK:
         JournalAcknowledged(g_talk_ack.entry.id,g_talk_ack.entry.state);
         break;
      case TALK_FILL:
         DealsTaken(g_talk_deals,g_talk_revs);
         break;
      case TALK_SNAPSHOT:
         SnapshotTaken();
         break;
      case TALK_TICK:
         QuotesTaken(g_talk_quotes);
         break;
      default:
         break;
     }
  }

/// The engine will not have it: kept, and tried again later; everything else goes on.
void TalkRefused()
  {
   const ulong later=GetTickCount64()+g_link_hold_ms;
   switch(g_talk)
     {
      case TALK_ACK:
         OutboxReturn(g_talk_ack,later);
         break;
      case TALK_POLL:
         g_poll_hold_ms=later;
         break;
      case TALK_FILL:
         DealsRefused(g_talk_deals,later);
         break;
      case TALK_SNAPSHOT:
         SnapshotRefused(later);
         break;
      case TALK_TICK:
         QuotesRefused(g_talk_quotes,later);
         break;
      default:
         break;
     }
  }

/// The session is over: what was being said goes back to where it came from.
void TalkDropped()
  {
   if(g_talk==TALK_ACK)
      OutboxReturn(g_talk_ack,0);
   g_talk=TALK_NOTHING;
   SnapshotDrop();
  }

/// Says one thing. @return false when nothing more can be said now; `command` when the answer carried one
bool TalkOnce(bool &quotes_said,Command &command,bool &commanded)
  {
   commanded=false;
   if(!LinkMaySpeak())
      return(false);
   if(g_talk==TALK_NOTHING)
     {
      g_talk_gates=AccountGates();
      g_talk=TalkChoose(quotes_said);
      if(g_talk==TALK_NOTHING)
         return(false);
     }
   if(g_talk==TALK_TICK)
     {
      quotes_said=true;
      g_talk_payload=QuotesPayload(g_talk_quotes);
     }
   JsonDoc doc;
   const LINK_ANSWER answer=LinkSay(TalkPath(g_talk),g_talk_gates,g_talk_payload,doc);
   if(answer==LINK_SESSION_OVER)
      TalkDropped();
   if(answer==LINK_NOT_TAKEN)
     {
      TalkRefused();
      g_talk=TALK_NOTHING;
      g_seq++;
     }
   // A hello is made anew each time: symbols, gates and presses are of now, not of when the engine went away.
   if(answer==LINK_NO_ANSWER && g_talk==TALK_HELLO)
      g_talk=TALK_NOTHING;
   if(answer!=LINK_ANSWERED)
      return(false);
   const bool hello=g_talk==TALK_HELLO;
   TalkTaken(doc);
   g_talk=TALK_NOTHING;
   if(!hello)
      g_seq++;
   LinkHear(doc);
   commanded=TalkCommand(doc,command);
   return(true);
  }

/// The command of an answer. @return false when it carries none
bool TalkCommand(const JsonDoc &doc,Command &command)
  {
   string id="";
   if(JsonFind(doc,"command.command_id",id)==JSON_NOTHING)
      return(false);
   if(CommandRead(doc,g_link_request_ms,command))
      return(true);
   Print("QuantArb: a command without a readable id is ignored");
   return(false);
  }

/// Speaks until there is nothing left to say, the engine is away, or the turn has been long enough.
void TalkTurn()
  {
   bool quotes_said=false;
   for(int i=0; i<TALK_MAX_A_TURN && !IsStopped(); i++)
     {
      Command command;
      bool commanded=false;
      if(!TalkOnce(quotes_said,command,commanded))
         return;
      if(!commanded)
         continue;
      ExecuteCommand(command);
      DealsTurn(TALK_HEARTBEAT_MS*4);
     }
  }
