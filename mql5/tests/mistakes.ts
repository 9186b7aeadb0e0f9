/**
 * Mistakes that are easily made in an EA, each as exact replacements in its source, with the scenarios that ought to notice. Data
 * only. A replacement that does not fit exactly once is a fault of this table, and told as such.
 */
export interface Mistake {
  readonly name: string;
  /** File below `mql5/`, what stands there once, what stands there instead. */
  readonly edits: readonly (readonly [file: string, from: string, to: string])[];
  /** Words of scenarios that ought to fail; empty: it must not even build. */
  readonly noticed: readonly string[];
  /** In `npm test`. */
  readonly quick?: boolean;
}

const include = (name: string): string => `Include/QuantArb/${name}.mqh`;
const [COMMAND, DEALS, EXECUTE, JOURNAL, LINK, ORDER, RESOLVE, RETCODES, SNAPSHOT, TALK, TEXT, FLATTEN] = [
  'Command',
  'Deals',
  'Execute',
  'Journal',
  'Link',
  'Order',
  'Resolve',
  'Retcodes',
  'Snapshot',
  'Talk',
  'Text',
  'Flatten',
].map(include) as [string, string, string, string, string, string, string, string, string, string, string, string];
const HEX = '/// Lower-case hex.';

export const MISTAKES: readonly Mistake[] = [
  {
    name: 'a built-in function redefined',
    edits: [[TEXT, HEX, `double MathMax(const double a,const double b)\n  {\n   return(a>b ? a : b);\n  }\n\n${HEX}`]],
    noticed: [],
    quick: true,
  },
  {
    name: 'an invented constant',
    edits: [[ORDER, 'ENUM_ORDER_TYPE_FILLING filling=ORDER_FILLING_IOC;', 'ENUM_ORDER_TYPE_FILLING filling=ORDER_FILLING_IMMEDIATE;']],
    noticed: [],
    quick: true,
  },
  {
    name: 'a structure passed by value',
    edits: [[RESOLVE, 'bool ResolveNeeds(const Entry &entry)', 'bool ResolveNeeds(const Entry entry)']],
    noticed: [],
    quick: true,
  },
  {
    name: 'an array passed by value',
    edits: [[TEXT, 'string TextHex(const uchar &bytes[])', 'string TextHex(const uchar bytes[])']],
    noticed: [],
    quick: true,
  },
  {
    name: 'a misspelt built-in function',
    edits: [[COMMAND, 'return(GetTickCount64()-command.received_ms', 'return(GetTickCount46()-command.received_ms']],
    noticed: [],
    quick: true,
  },
  {
    name: 'a number where a text is needed',
    edits: [[TEXT, 'return(StringFormat("%I64u",id));', 'return(id);']],
    noticed: [],
    quick: true,
  },
  {
    name: 'a 64-bit ticket printed with %u',
    edits: [[TEXT, 'StringFormat("%I64u",id)', 'StringFormat("%u",id)']],
    noticed: ['a command is executed'],
  },
  {
    name: 'the zero byte of StringToCharArray sent',
    edits: [[TEXT, 'while(count>0 && bytes[count-1]==0)', 'while(count<0)']],
    noticed: ['a command is executed'],
  },
  {
    name: 'bodies in the ANSI code page',
    edits: [[TEXT, 'StringToCharArray(text,bytes,0,WHOLE_ARRAY,CP_UTF8)', 'StringToCharArray(text,bytes,0,WHOLE_ARRAY,CP_ACP)']],
    noticed: ['comment rewritten'],
  },
  {
    name: 'StringLen taken for a length in bytes',
    edits: [
      [
        TEXT,
        '   ArrayResize(bytes,count);\n  }\n\n/// Text of UTF-8 bytes',
        '   ArrayResize(bytes,StringLen(text));\n  }\n\n/// Text of UTF-8 bytes',
      ],
    ],
    noticed: ['comment rewritten'],
  },
  {
    name: 'a trade request that is not zeroed',
    edits: [
      [ORDER, '   ZeroMemory(request);\n', ''],
      [EXECUTE, '   MqlTradeRequest request={};\n   word=OrderRequest', '   MqlTradeRequest request;\n   word=OrderRequest'],
    ],
    noticed: ['a command is executed'],
  },
  {
    name: 'filling hard-coded: RETURN',
    edits: [[ORDER, 'request.type_filling=filling;', 'request.type_filling=ORDER_FILLING_RETURN;']],
    noticed: ['a command is executed'],
  },
  {
    name: 'filling of a close hard-coded: FOK',
    edits: [[ORDER, 'request.type_filling=filling;', 'request.type_filling=plan.position!=0 ? ORDER_FILLING_FOK : filling;']],
    noticed: ['IOC alone'],
  },
  {
    name: 'no write-ahead: sent before it is on disk',
    edits: [[ORDER, '   if(!JournalPut(entry))\n     {\n      entry.sent_s=0;\n      return("journal");\n     }\n', '']],
    noticed: ['write-ahead'],
    quick: true,
  },
  {
    name: 'the answer told before it is on disk',
    edits: [
      [
        EXECUTE,
        '   if(!JournalPut(entry))\n      Print("QuantArb: journal not written, error ",GetLastError());\n   OutboxTell(entry,false);\n   Print("QuantArb: ",entry.kind," ",entry.id," ",entry.state',
        '   OutboxTell(entry,false);\n   Print("QuantArb: ",entry.kind," ",entry.id," ",entry.state',
      ],
    ],
    noticed: ['write-ahead', 'kill -9 of the EA around OrderSend'],
  },
  {
    name: '10012 taken for a refusal',
    edits: [[RETCODES, '      case 10006:', '      case 10012:\n      case 10006:']],
    noticed: ['10012 is no refusal'],
  },
  {
    name: 'no de-duplication: the journal is not asked',
    edits: [[EXECUTE, '   if(ExecuteKnown(command))\n      return;\n', '']],
    noticed: ['duplicate: the same command'],
  },
  {
    name: 'a number that is not above the highest is taken',
    edits: [[EXECUTE, 'command.num<=g_highest_num', 'command.num==0']],
    noticed: ['stale'],
  },
  {
    name: 'the same id with other content is answered as known',
    edits: [[EXECUTE, 'entry.content!="" && entry.content!=CommandContent(command)', 'entry.content!="" && entry.content==""']],
    noticed: ['conflict'],
  },
  {
    name: 'no search by number before sending',
    edits: [[EXECUTE, '   if(ExecuteDoneBefore(entry))\n      return;\n', '']],
    noticed: ['journal deleted: what was executed before'],
  },
  { name: 'deviation in pips', edits: [[ORDER, 'deviation=(ulong)most;', 'deviation=(ulong)(most*10);']], noticed: ['deviation'] },
  {
    name: 'server time told as UTC',
    edits: [
      [
        DEALS,
        '(ulong)HistoryDealGetInteger(deal,DEAL_TIME_MSC))',
        '(ulong)(HistoryDealGetInteger(deal,DEAL_TIME_MSC)-AccountOffset()*1000))',
      ],
    ],
    noticed: ['an order through the EA'],
  },
  {
    name: 'a comment longer than 31 characters',
    edits: [[ORDER, 'const int ORDER_MAX_COMMENT=31;', 'const int ORDER_MAX_COMMENT=64;']],
    noticed: ['comment cut at 31'],
  },
  {
    name: 'lots rounded silently',
    edits: [
      [COMMAND, '   text=SymbolsVolumeFault(symbol,command.lots);\n', '   text="";\n'],
      [ORDER, 'request.volume=plan.lots;', 'request.volume=MathFloor(plan.lots*100.0+0.001)/100.0;'],
    ],
    noticed: ['volume: off-step'],
  },
  {
    name: 'a close without its position',
    edits: [[ORDER, 'request.position=plan.position;', 'request.position=0;']],
    noticed: ['a close names the ticket'],
    quick: true,
  },
  {
    name: 'a position looked for by its ticket instead of its identifier',
    edits: [[ORDER, '(ulong)PositionGetInteger(POSITION_IDENTIFIER)==id', 'ticket==id']],
    noticed: ['ticket change at swap'],
  },
  {
    name: 'the signature is not checked',
    edits: [
      [
        LINK,
        'g_unsigned_engine=session=="" || !SignatureFits(TextTrim(InpKey),session,seq,reply,LinkHeader(headers,"x-hc-sig"));',
        'g_unsigned_engine=session=="";',
      ],
    ],
    noticed: ['another program on the port: unsigned'],
  },
  {
    name: 'the epoch is not checked',
    edits: [[LINK, '(!hello && epoch!=g_epoch)', '(!hello && epoch<=0)']],
    noticed: ['a reply of another epoch'],
  },
  {
    name: 'the mode is ignored',
    edits: [[COMMAND, 'mode==ENGINE_HALT || !g_trading || (opens && mode!=ENGINE_NORMAL)', '!g_trading && mode==ENGINE_HALT && opens']],
    noticed: ['mode close_only'],
  },
  {
    name: 'the time to live is ignored',
    edits: [[COMMAND, 'return(GetTickCount64()-command.received_ms>=(ulong)command.ttl_ms);', 'return(command.ttl_ms<0);']],
    noticed: ['command expired'],
  },
  {
    name: 'what was canceled unseen is not written down',
    edits: [[EXECUTE, 'const bool kept=JournalPut(tomb);', 'const bool kept=true;']],
    noticed: ['cancel of a command that never came'],
  },
  {
    name: 'lots taken from what was asked, not from deals',
    edits: [[RESOLVE, 'entry.cum_lots=found.deal_lots;', 'entry.cum_lots=entry.lots;']],
    noticed: ['partial fill'],
  },
  {
    name: 'a snapshot after one read',
    edits: [[SNAPSHOT, 'if(g_snapshot_print==print)', 'if(g_snapshot_print==print || g_snapshot_print=="")']],
    noticed: ['snapshot: begun after'],
  },
  {
    name: 'the limit of lots is not checked',
    edits: [[COMMAND, 'if(command.lots>InpMaxLotsCommand+LOTS_EPSILON)', 'if(command.lots<0.0)']],
    noticed: ['its own limits'],
  },
  { name: 'sends of the last minute are not counted', edits: [[EXECUTE, '      CommandCountSend();\n', '']], noticed: ['its own limits'] },
  {
    name: 'the gates are not checked',
    edits: [[COMMAND, '   if(gate!="")\n      return(gate);\n   if(opens', '   if(gate=="?")\n      return(gate);\n   if(opens']],
    noticed: ['gates before each send'],
  },
  { name: 'the price guard is not there', edits: [[ORDER, 'if(room<0.0)', 'if(room<-1000000.0)']], noticed: ['price guard'] },
  {
    name: 'the number raised on a repeat',
    edits: [
      [
        TALK,
        '   if(answer!=LINK_ANSWERED)\n      return(false);',
        '   if(answer!=LINK_ANSWERED)\n     {\n      g_seq++;\n      return(false);\n     }',
      ],
    ],
    noticed: ['reply lost: the same request'],
  },
  {
    name: 'a revision under the number of the first',
    edits: [[DEALS, 'g_deals[row].rev++;', 'g_deals[row].hold_ms=0;']],
    noticed: ['commission by DEAL_UPDATE'],
  },
  {
    name: 'superseded, and hello again',
    edits: [[LINK, 'g_link=LINK_SUPERSEDED;', 'g_link=LINK_STARTING;']],
    noticed: ['409 unknown-session'],
  },
  {
    name: 'no back-off while the engine is away',
    edits: [[LINK, 'LINK_BACKOFF_MIN_MS : 2*g_link_backoff_ms', 'LINK_BACKOFF_MIN_MS : LINK_BACKOFF_MIN_MS']],
    noticed: ['5xx and no answer'],
  },
  {
    name: 'a flatten that closes what is not ours',
    edits: [[FLATTEN, 'if(ticket==0 || !AccountOwns(PositionGetInteger(POSITION_MAGIC)))', 'if(ticket==0)']],
    noticed: ['flatten: its own positions'],
  },
  {
    name: 'death in sending taken for not executed',
    edits: [[JOURNAL, 'g_entries[i].state="unknown";', 'g_entries[i].state="not_executed";']],
    noticed: ['kill -9 of the EA around OrderSend'],
  },
  {
    name: 'absent once is absent for good',
    edits: [
      [
        RESOLVE,
        'if(now-entry.absent_since<(ulong)InpResolveSeconds*1000 || entry.absent_reads<RESOLVE_ABSENT_READS)',
        'if(entry.absent_reads<1)',
      ],
    ],
    noticed: ['10012 with execution, and lists that lag', '10012 with execution, late'],
  },
];
