//+------------------------------------------------------------------+
//| Journal.mqh - what became of every command, on disk before it is |
//| acted on. Owns: entries, their lines, the highest number seen.   |
//| Must not send orders or talk. Invariants: an id is never begun   |
//| twice; a final state never changes; unfinished or unacknowledged |
//| entries and the highest number are never forgotten.              |
//+------------------------------------------------------------------+

/// Finished and acknowledged entries that are kept to answer duplicates.
const int JOURNAL_KEEP=1000;
/// Lines beyond the entries kept before the file is written anew.
const int JOURNAL_SLACK=2000;
const int JOURNAL_FIELDS=26;
const int JOURNAL_MAX_OPEN_IDS=400;

/// One command and what is known of its outcome.
struct Entry
  {
   string            id;
   ulong             num;          // magic number; 0 for flatten and for targets known by id alone
   string            kind;
   string            content;      // what must not differ between deliveries; empty: never delivered
   string            lease;
   string            state;        // the wire's word
   uint              retcode;
   int               retcode_ext;
   string            error;
   string            text;
   ulong             order;
   string            orders;       // all orders of a flatten, comma-separated
   string            deals;
   string            positions;    // identifiers
   double            cum_lots;
   double            avg_price;
   long              broker_ms;
   long              queue_ms;
   string            symbol;       // the terminal's name
   string            side;
   double            lots;
   ulong             position_id;
   long              sent_s;       // server time when it was sent
   bool              acked;        // its final state has reached the engine
   // of this run only
   ulong             absent_since; // GetTickCount64 of the first read without evidence
   int               absent_reads;
   ulong             next_read;
   string            seen;         // evidence at the last read, and since when it has not changed
   ulong             seen_since;
  };

Entry    g_entries[];
LineFile g_journal;
ulong    g_highest_num=0;
int      g_journal_lines=0;
ulong    g_dropped_num=0;         // highest number among entries that were let go
ulong    g_journal_loaded_ms=0;   // GetTickCount64 when it was read
bool     g_journal_whole=false;   // nothing of it is known to be missing

/// Whether a state is the last one.
bool JournalIsFinal(const string state)
  {
   return(state=="done" || state=="partial" || state=="rejected" || state=="expired" || state=="canceled" || state=="not_executed");
  }

/// An entry of a command that has just been heard of.
void JournalBlank(Entry &entry,const string id,const ulong num,const string kind,const string lease)
  {
   entry.id=id;
   entry.num=num;
   entry.kind=kind;
   entry.content="";
   entry.lease=lease;
   entry.state="received";
   entry.retcode=0;
   entry.retcode_ext=0;
   entry.error="";
   entry.text="";
   entry.order=0;
   entry.orders="";
   entry.deals="";
   entry.positions="";
   entry.cum_lots=0.0;
   entry.avg_price=0.0;
   entry.broker_ms=0;
   entry.queue_ms=0;
   entry.symbol="";
   entry.side="";
   entry.lots=0.0;
   entry.position_id=0;
   entry.sent_s=0;
   entry.acked=false;
   JournalForgetReads(entry);
  }

/// Starts the search for evidence anew.
void JournalForgetReads(Entry &entry)
  {
   entry.absent_since=0;
   entry.absent_reads=0;
   entry.next_read=0;
   entry.seen="";
   entry.seen_since=0;
  }

string JournalLine(const Entry &e)
  {
   string line="E|"+TextField(e.id)+"|"+TextId(e.num)+"|"+TextField(e.kind)+"|"+TextField(e.content)+"|"+TextField(e.lease);
   line+="|"+TextField(e.state)+"|"+TextId((ulong)e.retcode)+"|"+TextWhole(e.retcode_ext)+"|"+TextField(e.error)+"|"+TextField(e.text);
   line+="|"+TextId(e.order)+"|"+e.orders+"|"+e.deals+"|"+e.positions;
   line+="|"+TextNumber(e.cum_lots,8)+"|"+TextNumber(e.avg_price,8)+"|"+TextWhole(e.broker_ms)+"|"+TextWhole(e.queue_ms);
   line+="|"+TextField(e.symbol)+"|"+TextField(e.side)+"|"+TextNumber(e.lots,8)+"|"+TextId(e.position_id)+"|"+TextWhole(e.sent_s);
   line+="|"+(e.acked ? "1" : "0")+"|.";
   return(line);
  }

bool JournalParse(const string line,Entry &e)
  {
   string f[];
   if(StringSplit(line,(ushort)'|',f)!=JOURNAL_FIELDS || f[0]!="E")
      return(false);
   JournalBlank(e,TextUnfield(f[1]),TextToId(f[2]),TextUnfield(f[3]),TextUnfield(f[5]));
   e.content=TextUnfield(f[4]);
   e.state=TextUnfield(f[6]);
   e.retcode=(uint)StringToInteger(f[7]);
   e.retcode_ext=(int)StringToInteger(f[8]);
   e.error=TextUnfield(f[9]);
   e.text=TextUnfield(f[10]);
   e.order=TextToId(f[11]);
   // An empty field must be "", for a string without a value is not equal to it.
   e.orders=""+f[12];
   e.deals=""+f[13];
   e.positions=""+f[14];
   e.cum_lots=StringToDouble(f[15]);
   e.avg_price=StringToDouble(f[16]);
   e.broker_ms=StringToInteger(f[17]);
   e.queue_ms=StringToInteger(f[18]);
   e.symbol=TextUnfield(f[19]);
   e.side=TextUnfield(f[20]);
   e.lots=StringToDouble(f[21]);
   e.position_id=TextToId(f[22]);
   e.sent_s=StringToInteger(f[23]);
   e.acked=f[24]=="1";
   return(e.id!="");
  }

/// Row of a command, -1 when it is not in the journal.
int JournalFind(const string id)
  {
   for(int i=ArraySize(g_entries)-1; i>=0; i--)
      if(g_entries[i].id==id)
         return(i);
   return(-1);
  }

/// Puts an entry in memory, and on disk before it returns true.
bool JournalPut(const Entry &entry)
  {
   int row=JournalFind(entry.id);
   if(row<0)
     {
      row=ArraySize(g_entries);
      ArrayResize(g_entries,row+1,256);
     }
   g_entries[row]=entry;
   JournalRaise(entry);
   string lines[];
   ArrayResize(lines,1);
   lines[0]=JournalLine(entry);
   if(!LineFileAppend(g_journal,lines))
      return(false);
   g_journal_lines++;
   JournalCompactWhenLong();
   return(true);
  }

void JournalRaise(const Entry &entry)
  {
   if(entry.content=="" || (entry.kind!="open" && entry.kind!="close") || entry.num<=g_highest_num)
      return;
   // Numbers before the first one may be in a journal that was lost.
   if(g_highest_num==0 && g_dropped_num<entry.num-1)
      g_dropped_num=entry.num-1;
   g_highest_num=entry.num;
  }

/// The engine has a final state: the entry need no longer be told.
void JournalAcknowledged(const string id,const string state)
  {
   const int row=JournalFind(id);
   if(row<0 || g_entries[row].acked || g_entries[row].state!=state || !JournalIsFinal(state))
      return;
   Entry entry=g_entries[row];
   entry.acked=true;
   JournalPut(entry);
  }

/// Reads the journal of the account. @return empty, or why nothing may be executed
string JournalLoad()
  {
   ArrayResize(g_entries,0,256);
   g_highest_num=0;
   g_dropped_num=0;
   g_journal_loaded_ms=GetTickCount64();
   string lines[];
   if(!LineFileOpen(g_journal,"QuantArb\\journal-"+AccountFileName()+".txt",lines))
      return("the journal cannot be read");
   g_journal_whole=g_journal.existed && g_journal.damaged==0;
   g_journal_lines=ArraySize(lines);
   for(int i=0; i<ArraySize(lines); i++)
     {
      Entry entry;
      JournalBlank(entry,"",0,"","");
      if(JournalParse(lines[i],entry))
        {
         int row=JournalFind(entry.id);
         if(row<0)
           {
            row=ArraySize(g_entries);
            ArrayResize(g_entries,row+1,256);
           }
         g_entries[row]=entry;
         JournalRaise(entry);
        }
      else
         JournalParseHead(lines[i]);
     }
   if(g_journal.damaged>0 && g_dropped_num<g_highest_num)
      g_dropped_num=g_highest_num;
   if(g_journal.damaged>0)
      Print("QuantArb: ",g_journal.damaged," damaged line(s) in the journal; a copy is kept as ",g_journal.name,LINEFILE_DAMAGED);
   // What was being sent when the program died has an unknown outcome.
   for(int i=0; i<ArraySize(g_entries); i++)
      if((g_entries[i].state=="sending" || g_entries[i].state=="received") && g_entries[i].kind!="flatten")
         g_entries[i].state="unknown";
   JournalCompactWhenLong();
   if(!JournalWriteAnewIfTorn())
      return("the journal cannot be written");
   return("");
  }

void JournalParseHead(const string line)
  {
   string f[];
   if(StringSplit(line,(ushort)'|',f)!=3 || f[0]!="H")
      return;
   const ulong highest=TextToId(f[1]);
   const ulong dropped=TextToId(f[2]);
   if(highest>g_highest_num)
      g_highest_num=highest;
   if(dropped>g_dropped_num)
      g_dropped_num=dropped;
  }

/// Whether a number that is not in the journal was never begun here: its silence is proof.
bool JournalKnowsAll(const ulong num)
  {
   if(!g_journal_whole || g_highest_num==0 || num<=g_dropped_num)
      return(false);
   // The last line may be lost with the machine's power: above the highest number a start needs the resolver's patience.
   return(num<=g_highest_num || GetTickCount64()-g_journal_loaded_ms>=(ulong)InpResolveSeconds*1000);
  }

bool JournalWriteAnewIfTorn()
  {
   if(g_journal.existed && !g_journal.torn && g_journal.damaged==0 && !g_journal.blocked)
      return(true);
   return(JournalCompact());
  }

void JournalCompactWhenLong()
  {
   if(g_journal_lines>ArraySize(g_entries)+JOURNAL_SLACK)
      if(!JournalCompact())
         Print("QuantArb: the journal could not be written anew, error ",GetLastError());
  }

/// Writes the journal anew without old entries that nobody will ask for.
bool JournalCompact()
  {
   Entry kept[];
   int spare=ArraySize(g_entries)-JOURNAL_KEEP;
   for(int i=0; i<ArraySize(g_entries); i++)
     {
      const bool ended=g_entries[i].acked && JournalIsFinal(g_entries[i].state);
      if(ended && spare>0)
        {
         spare--;
         if(g_entries[i].num>g_dropped_num)
            g_dropped_num=g_entries[i].num;
         continue;
        }
      const int at=ArraySize(kept);
      ArrayResize(kept,at+1,256);
      kept[at]=g_entries[i];
     }
   string lines[];
   const int count=ArraySize(kept);
   ArrayResize(lines,count+1);
   lines[0]="H|"+TextId(g_highest_num)+"|"+TextId(g_dropped_num);
   for(int i=0; i<count; i++)
      lines[i+1]=JournalLine(kept[i]);
   if(!LineFileReplace(g_journal,lines))
      return(false);
   ArrayResize(g_entries,count,256);
   for(int i=0; i<count; i++)
      g_entries[i]=kept[i];
   g_journal_lines=count+1;
   return(true);
  }

/// Ids that are not final, or final and not yet acknowledged, as a JSON array.
string JournalOpenIds()
  {
   string ids="";
   int count=0;
   for(int i=ArraySize(g_entries)-1; i>=0 && count<JOURNAL_MAX_OPEN_IDS; i--)
     {
      if(g_entries[i].acked && JournalIsFinal(g_entries[i].state))
         continue;
      ids+=(count>0 ? "," : "")+JsonQuote(g_entries[i].id);
      count++;
     }
   return("["+ids+"]");
  }

/// How many commands were really sent, for the panel.
int JournalSentCount()
  {
   int count=0;
   for(int i=0; i<ArraySize(g_entries); i++)
      if(g_entries[i].sent_s>0 && g_entries[i].kind!="target")
         count++;
   return(count);
  }
