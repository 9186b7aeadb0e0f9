//+------------------------------------------------------------------+
//| QuantArb.mq5 - the MetaTrader 5 side of Quant Arb.               |
//| Owns: inputs, events, the order of a turn, start and stop for an |
//| account. Must not hold rules of its own; they are in the         |
//| includes. Speaks protocol 1 (mql5/protocol/PROTOCOL.md).         |
//+------------------------------------------------------------------+
#property copyright "Quant Arb"
#property version   "1.00"
#property description "Executes each command of Quant Arb at most once and reports what became of it."
#property description "Tools > Options > Expert Advisors: tick 'Allow WebRequest for listed URL' and add InpUrl."
#property description "Then press the Algo Trading button. One chart is enough for all symbols."

const string EA_VERSION="1.00";

input group "Quant Arb"
input string InpUrl="http://127.0.0.1:8787";       // Address of Quant Arb
input string InpToken="";                          // Token (from Quant Arb)
input string InpKey="";                            // Key (from Quant Arb)
input string InpSymbols="XAUUSD;BTCUSD";           // Symbols: NAME=BROKERNAME;NAME
input group "Limits of this EA"
input bool   InpAllowOpening=true;                 // Opening allowed (false: closing only)
input double InpMaxLotsCommand=1.0;                // Most lots in one command
input double InpMaxLotsTotal=5.0;                  // Most own lots in total
input int    InpMaxCommandsMinute=60;              // Most orders in a minute
input int    InpDeviationPoints=50;                // Most slippage in points
input int    InpMaxQuoteAgeMs=5000;                // Oldest quote to trade on, ms
input group "Technical"
input ulong  InpMagicBase=1600000000000;           // First magic number
input int    InpTimerMs=20;                        // Timer, ms
input int    InpHttpTimeoutMs=2000;                // Longest wait for an answer, ms
input int    InpResolveSeconds=15;                 // Patience before "not executed", s

#include <QuantArb/Text.mqh>
#include <QuantArb/JsonWriter.mqh>
#include <QuantArb/JsonReader.mqh>
#include <QuantArb/Signature.mqh>
#include <QuantArb/Retcodes.mqh>
#include <QuantArb/LineFile.mqh>
#include <QuantArb/Notice.mqh>
#include <QuantArb/Account.mqh>
#include <QuantArb/Instance.mqh>
#include <QuantArb/Symbols.mqh>
#include <QuantArb/Quotes.mqh>
#include <QuantArb/Mode.mqh>
#include <QuantArb/Journal.mqh>
#include <QuantArb/Outbox.mqh>
#include <QuantArb/Evidence.mqh>
#include <QuantArb/Resolve.mqh>
#include <QuantArb/DealWords.mqh>
#include <QuantArb/Deals.mqh>
#include <QuantArb/Snapshot.mqh>
#include <QuantArb/Order.mqh>
#include <QuantArb/Command.mqh>
#include <QuantArb/Execute.mqh>
#include <QuantArb/Link.mqh>
#include <QuantArb/Flatten.mqh>
#include <QuantArb/Talk.mqh>
#include <QuantArb/Panel.mqh>

const int   TIMER_MIN_MS=10;
const ulong START_EVERY_MS=1000;
const ulong SYMBOLS_EVERY_MS=1000;
const ulong DEALS_EVERY_MS=1000;
const ulong SETTLE_MS=1000;

bool   g_started=false;
string g_trouble="";
ulong  g_start_next_ms=0;
ulong  g_symbols_next_ms=0;
bool   g_settled=false;
string g_settle_print="";
ulong  g_settle_since_ms=0;

/// What is wrong with the inputs; empty when they will do.
string InputsFault()
  {
   if(StringFind(TextTrim(InpUrl),"http://127.0.0.1:")!=0)
      return("InpUrl must begin with http://127.0.0.1:");
   if(TextTrim(InpToken)=="" || TextTrim(InpKey)=="")
      return("InpToken and InpKey are needed: Quant Arb shows them");
   if(TextTrim(InpToken)==TextTrim(InpKey))
      return("InpToken and InpKey must not be the same");
   if(InpMagicBase==0 || InpMagicBase>=ACCOUNT_MAGIC_END/2)
      return("InpMagicBase must be above 0 and below "+TextId(ACCOUNT_MAGIC_END/2));
   if(!MathIsValidNumber(InpMaxLotsCommand) || InpMaxLotsCommand<=0.0 || !MathIsValidNumber(InpMaxLotsTotal) || InpMaxLotsTotal<=0.0)
      return("the limits in lots must be above 0");
   if(InpMaxCommandsMinute<1 || InpDeviationPoints<0 || InpMaxQuoteAgeMs<1)
      return("InpMaxCommandsMinute and InpMaxQuoteAgeMs must be above 0, InpDeviationPoints not below 0");
   if(InpTimerMs<1 || InpHttpTimeoutMs<100 || InpResolveSeconds<1)
      return("InpTimerMs, InpHttpTimeoutMs or InpResolveSeconds is too small");
   return(SymbolsLoad(InpSymbols));
  }

/// A name for this run that no other run has.
string BootId()
  {
   MathSrand((int)(GetTickCount64()%2147483647));
   uchar seed[];
   uchar digest[];
   TextToBytes(TextId(GetMicrosecondCount())+"/"+TextWhole((long)TimeLocal())+"/"+TextWhole(ChartID())+"/"+TextWhole(MathRand()),seed);
   if(!SignatureDigest(seed,digest))
      return(TextId(GetMicrosecondCount())+"-"+TextWhole((long)TimeLocal()));
   return(StringSubstr(TextHex(digest),0,32));
  }

int OnInit()
  {
   // Globals survive a change of chart, inputs or account: everything is set anew but a press of KILL the engine may not know of.
   const bool same_run=UninitializeReason()==REASON_CHARTCHANGE && g_boot_id!="";
   if(!same_run)
     {
      g_boot_id=BootId();
      g_kill_presses=g_kill_latched ? 1 : 0;
     }
   g_kill_told=0;
   NoticeReset();
   g_trouble="";
   g_start_next_ms=0;
   g_symbols_next_ms=0;
   const string fault=InputsFault();
   if(fault!="")
     {
      Alert("Quant Arb: ",fault);
      return(INIT_PARAMETERS_INCORRECT);
     }
   EngineStop();
   PanelCreate();
   if(!EventSetMillisecondTimer(InpTimerMs<TIMER_MIN_MS ? TIMER_MIN_MS : InpTimerMs))
     {
      Alert("Quant Arb: no timer, error ",GetLastError());
      return(INIT_FAILED);
     }
   return(INIT_SUCCEEDED);
  }

void OnDeinit(const int reason)
  {
   EventKillTimer();
   EngineStop();
   PanelRemove();
   Print("QuantArb: stopped, reason ",reason);
  }

/// Forgets the account; all that matters of it is in its journal.
void EngineStop()
  {
   g_started=false;
   InstanceDrop();
   LinkStart();
   TalkStart();
   SnapshotDrop();
   ArrayResize(g_outbox,0);
   ArrayResize(g_entries,0);
   ArrayResize(g_deals,0);
   SymbolsForget();
   g_symbols_next_ms=0;
   g_highest_num=0;
   g_flatten_id="";
   g_deals_session=0;
   g_login=0;
   g_server="";
  }

/// Takes up the account of the terminal. @return empty, or what is in the way
string EngineStart()
  {
   if(!AccountTake())
      return("No account: log in to MetaTrader");
   if(!InstanceTake())
      return("Another Quant Arb EA runs for this account on this computer: one is enough");
   string fault=JournalLoad();
   if(fault=="")
      fault=DealsLoad();
   if(fault!="")
      return(fault+" (MQL5\\Files\\QuantArb), error "+TextWhole(GetLastError()));
   CommandSeedRate();
   FlattenLoad();
   LinkStart();
   TalkStart();
   g_settled=g_journal_whole;
   g_settle_print="";
   return("");
  }

/// Without a whole journal only the terminal's lists keep a command from running twice: nothing is heard before they stand still.
bool EngineSettled()
  {
   if(g_settled)
      return(true);
   const ulong now=GetTickCount64();
   string print="";
   if(AccountListsFit() && HistorySelect(AccountHistoryFrom((long)TimeTradeServer(),EVIDENCE_BACK_S),AccountHistoryTo()))
      print=TextWhole(PositionsTotal())+"/"+TextWhole(OrdersTotal())+"/"+TextWhole(HistoryOrdersTotal())+"/"+TextWhole(HistoryDealsTotal());
   if(print=="" || print!=g_settle_print)
     {
      g_settle_print=print;
      g_settle_since_ms=now;
      return(false);
     }
   g_settled=now-g_settle_since_ms>=SETTLE_MS;
   return(g_settled);
  }

bool EngineReady()
  {
   if(g_started && !AccountIsSame())
     {
      Alert("Quant Arb: the account has changed; the old session is over");
      EngineStop();
      g_start_next_ms=0;
     }
   if(g_started)
      return(true);
   const ulong now=GetTickCount64();
   if(now<g_start_next_ms)
      return(false);
   g_start_next_ms=now+START_EVERY_MS;
   g_trouble=EngineStart();
   g_started=g_trouble=="";
   if(!g_started)
     {
      const string trouble=g_trouble;
      EngineStop();
      NoticeTell(NOTICE_LOCK,trouble);
      return(false);
     }
   NoticeTell(NOTICE_LOCK,"");
   return(true);
  }

/// Symbols that became known need a new hello, for the table is part of it.
void SymbolsTurn()
  {
   const ulong now=GetTickCount64();
   if(now<g_symbols_next_ms)
      return;
   g_symbols_next_ms=now+SYMBOLS_EVERY_MS;
   if(SymbolsRefresh() && g_session!="" && g_link!=LINK_SUPERSEDED)
     {
      TalkDropped();
      LinkReset();
     }
  }

/// One alert a change: the engine, the gates, the disk.
void NoticesTurn()
  {
   string link="";
   if(g_link==LINK_DENIED || g_link==LINK_MISMATCH || g_link==LINK_SUPERSEDED)
      link=g_link_text;
   if(g_link==LINK_AWAY && g_link_backoff_ms>=LINK_BACKOFF_MAX_MS)
      link=g_link_text;
   if(g_link==LINK_UP || link!="")
      NoticeTell(NOTICE_LINK,link);
   const string gate=AccountGates();
   NoticeTell(NOTICE_GATES,gate=="ok" ? "" : AccountGateAdvice(gate));
   const bool blocked=g_journal.blocked || g_journal.unended || g_deal_file.blocked || g_deal_file.unended;
   NoticeTell(NOTICE_DISK,blocked ? "the journal cannot be written: nothing is executed until it can" : "");
  }

/// Everything in its order; `timer` allows what must happen once a timer turn.
void Turn(const bool timer)
  {
   if(EngineReady())
     {
      SymbolsTurn();
      ResolveTurn();
      if(timer)
         FlattenTurn();
      DealsTurn(DEALS_EVERY_MS);
      SnapshotTurn();
      if(EngineSettled())
         TalkTurn();
      NoticesTurn();
     }
   PanelShow(g_trouble);
  }

void OnTimer()
  {
   Turn(true);
  }

void OnTick()
  {
   Turn(false);
  }

/// Only a doorbell: what happened is read from history.
void OnTradeTransaction(const MqlTradeTransaction &trans,const MqlTradeRequest &request,const MqlTradeResult &result)
  {
   g_doorbell=true;
   for(int i=0; i<ArraySize(g_entries); i++)
      g_entries[i].next_read=0;
  }

void OnChartEvent(const int id,const long &lparam,const double &dparam,const string &sparam)
  {
   if(id!=(int)CHARTEVENT_OBJECT_CLICK || sparam!=PANEL_KILL)
      return;
   ModePress();
   g_poll_now=true;
   PanelButtonUp();
   Alert("Quant Arb: KILL pressed; nothing is sent until Quant Arb has stopped and been started again");
   if(EngineReady() && EngineSettled())
      TalkTurn();
   PanelShow(g_trouble);
  }
