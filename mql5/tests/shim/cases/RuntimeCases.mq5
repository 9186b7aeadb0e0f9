//+------------------------------------------------------------------+
//| RuntimeCases.mq5 - one case of the MQL5 runtime per run, named   |
//| by InpCase. Owns nothing; says what it sees, one line a fact, for|
//| runtime.test.ts to judge.                                        |
//+------------------------------------------------------------------+
#property strict

enum Mood { MOOD_CALM, MOOD_WILD=5 };

struct Note
  {
   int               number;
   string            word;
   uchar             bytes[4];
  };

input group "Case"
input string InpCase="strings";
input string InpUrl="";
input int    InpTimeoutMs=2000;
input ulong  InpBig=0;
input int    InpTimerMs=20;

int g_turns=0;
int g_inits=0;

void SayBytes(const string name,const uchar &bytes[])
  {
   string line=name+":";
   for(int i=0;i<ArraySize(bytes);i++)
      line+=" "+(string)bytes[i];
   Print(line);
  }

void CaseStrings()
  {
   string none=NULL;
   string empty="";
   Print("null ",none==NULL," ",empty==NULL," ",none==empty," ",StringLen(none));
   Print("sub ",StringSubstr("abcdef",2,3),"|",StringSubstr("abc",1),"|",StringSubstr("abc",9));
   Print("find ",StringFind("abcabc","ca")," ",StringFind("abc","x")," ",StringFind("aXbX","X",2));
   string text="a-b-c";
   const int replaced=StringReplace(text,"-","+");
   Print("replace ",replaced," ",text);
   string parts[];
   const int pieces=StringSplit("a;;b;",';',parts);
   Print("split ",pieces," ",parts[0],"|",parts[1],"|",parts[2],"|",parts[3]);
   Print("nothing ",StringSplit("",';',parts));
   string padded=" \t x y \r\n";
   StringTrimLeft(padded);
   StringTrimRight(padded);
   Print("trim [",padded,"]");
   Print("order ","a"<"b"," ","B"<"a"," ",StringCompare("ABC","abc",false)," ",StringCompare("a","b"));
   Print("numbers ",StringToInteger("12x")," ",StringToInteger("junk")," ",StringToDouble("1.5e2kg")," ",StringToDouble("nan")," ",StringToDouble(""));
   Print("shown ",(string)0.1," ",(string)true," ",(string)MOOD_WILD," ",EnumToString(MOOD_WILD)," ",IntegerToString(7,3,'0'));
   Print("double ",DoubleToString(1.005,2)," ",DoubleToString(-2.5,0)," ",DoubleToString(1.0/3.0,8)," ",DoubleToString(1.0/3.0,17));
   Print("normal ",NormalizeDouble(1.23456,2)," ",NormalizeDouble(-1.5,0));
   Print("format ",StringFormat("%05d|%-4s|%.2f|%I64u|%x|%%|%c",42,"ab",1.5,InpBig,255,'A'));
   Print("surrogates ",StringLen("😀")," ",StringGetCharacter("€",0)," \x20AC");
  }

void CasePages()
  {
   uchar bytes[];
   Print("copied ",StringToCharArray("é€ж",bytes,0,WHOLE_ARRAY,CP_UTF8));
   SayBytes("utf8",bytes);
   ArrayFree(bytes);
   StringToCharArray("é€ж",bytes);
   SayBytes("ansi",bytes);
   Print("back ",CharArrayToString(bytes));
   uchar longer[6];
   ArrayInitialize(longer,'z');
   StringToCharArray("ab",longer);
   SayBytes("tail",longer);
   ArrayFree(bytes);
   const int counted=StringToCharArray("abc",bytes,0,3);
   Print("counted ",counted," ",ArraySize(bytes));
   uchar raw[]= {195,169,0,65};
   Print("stops ",CharArrayToString(raw,0,WHOLE_ARRAY,CP_UTF8)," ",StringLen(CharArrayToString(raw,0,WHOLE_ARRAY,CP_UTF8)));
   uchar broken[]= {65,255,66};
   Print("broken ",StringGetCharacter(CharArrayToString(broken,0,WHOLE_ARRAY,CP_UTF8),1));
  }

void CaseArrays()
  {
   int numbers[];
   ArrayResize(numbers,3);
   Print("rubbish ",numbers[2]==0);
   int fixed[2]= {4,5};
   const int resized=ArrayResize(fixed,9);
   Print("fixed ",resized," ",ArraySize(fixed));
   const int copied=ArrayCopy(numbers,fixed,1);
   Print("copy ",copied," ",numbers[1]," ",numbers[2]);
   const bool removed=ArrayRemove(numbers,0,1);
   Print("remove ",removed," ",ArraySize(numbers)," ",numbers[0]);
   Note note= {};
   Print("zero ",note.number," ",note.word==NULL," ",note.bytes[3]);
   note.bytes[1]=9;
   note.word="x";
   Note other=note;
   ZeroMemory(note);
   Print("zeroed ",note.bytes[1]," ",note.word==NULL," ",other.bytes[1]," ",other.word);
   Note dirty;
   Print("unset ",dirty.number==0);
  }

void CaseTime()
  {
   datetime when=D'2026.03.29 12:34:56';
   MqlDateTime parts;
   TimeToStruct(when,parts);
   Print("parts ",parts.year," ",parts.mon," ",parts.day," ",parts.day_of_week," ",parts.day_of_year," ",StructToTime(parts)==when);
   Print("shown ",when," ",TimeToString(when)," ",TimeToString(when,TIME_DATE)," ",TimeToString(when,TIME_MINUTES|TIME_SECONDS));
   Print("parsed ",(long)(StringToTime("2026.03.29 12:34")-when)," ",(long)(when+60-when));
   const ulong from=GetMicrosecondCount();
   Sleep(30);
   Print("slept ",GetMicrosecondCount()-from>=30000);
  }

void CaseHash()
  {
   uchar bytes[],key[],digest[];
   Print("empty ",CryptEncode(CRYPT_HASH_SHA256,bytes,key,digest));
   SayBytes("hash",digest);
   StringToCharArray("abc",bytes,0,3);
   CryptEncode(CRYPT_HASH_SHA256,bytes,key,digest);
   SayBytes("abc",digest);
  }

void CaseFiles()
  {
   int handle=FileOpen("a\\b\\notes.txt",FILE_WRITE|FILE_READ|FILE_TXT|FILE_ANSI,0,CP_UTF8);
   Print("open ",handle!=INVALID_HANDLE);
   Print("wrote ",FileWriteString(handle,"één\ntwo\r\nthree"));
   FileSeek(handle,0,SEEK_SET);
   const string one=FileReadString(handle);
   const string two=FileReadString(handle);
   const bool before=FileIsEnding(handle);
   const string three=FileReadString(handle);
   Print("read ",one,"|",two,"|",before,"|",three,"|",FileIsEnding(handle));
   Print("size ",FileSize(handle)," ",FileTell(handle));
   int second=FileOpen("a\\b\\notes.txt",FILE_READ|FILE_TXT);
   Print("again ",second," ",GetLastError());
   Print("busy ",FileMove("a\\b\\notes.txt",0,"moved.txt",0));
   FileClose(handle);
   bool moved=FileMove("a\\b\\notes.txt",0,"moved.txt",0);
   Print("moved ",moved," ",FileIsExist("moved.txt")," ",FileIsExist("a\\b\\notes.txt"));
   handle=FileOpen("a\\other.bin",FILE_WRITE|FILE_BIN);
   uchar bytes[]= {1,0,255};
   Print("array ",FileWriteArray(handle,bytes));
   FileClose(handle);
   moved=FileMove("a\\other.bin",0,"moved.txt",0);
   Print("kept ",moved," ",FileMove("a\\other.bin",0,"moved.txt",FILE_REWRITE));
   Print("shared ",FileOpen("moved.txt",FILE_READ|FILE_BIN|FILE_SHARE_READ)!=INVALID_HANDLE," ",FileOpen("moved.txt",FILE_READ|FILE_BIN|FILE_SHARE_READ)!=INVALID_HANDLE);
   ResetLastError();
   second=FileOpen("..\\secret",FILE_READ|FILE_TXT);
   Print("outside ",second," ",GetLastError());
   second=FileOpen("nowhere",FILE_READ|FILE_TXT);
   Print("absent ",second," ",GetLastError());
   handle=FileOpen("wide.txt",FILE_WRITE|FILE_TXT);
   const uint wide=FileWriteString(handle,"ab");
   Print("wide ",wide," ",FileSize(handle));
   FileClose(handle);
  }

void CaseJournal()
  {
   int handle=FileOpen("journal.txt",FILE_WRITE|FILE_READ|FILE_TXT|FILE_ANSI);
   FileSeek(handle,0,SEEK_END);
   FileWriteString(handle,"first\r\n");
   FileFlush(handle);
   FileWriteString(handle,"second\r\n");
   FileClose(handle);
   Print("done");
  }

void CaseWeb()
  {
   char body[],answer[];
   string headers="";
   StringToCharArray("{\"a\":\"é\"}",body,0,WHOLE_ARRAY,CP_UTF8);
   ArrayResize(body,ArraySize(body)-1);
   ResetLastError();
   const ulong from=GetMicrosecondCount();
   const int status=WebRequest("POST",InpUrl,"X-One: 1\r\nContent-Type: application/json\r\n",InpTimeoutMs,body,answer,headers);
   Print("status ",status," ",GetLastError());
   Print("body ",CharArrayToString(answer,0,WHOLE_ARRAY,CP_UTF8));
   Print("header ",StringFind(headers,"X-Back: yes")>=0);
   Print("took ",(GetMicrosecondCount()-from)/1000);
  }

void CaseGlobals()
  {
   const bool made=GlobalVariableTemp("lock");
   Print("temp ",made," ",GlobalVariableTemp("lock"));
   const bool taken=GlobalVariableSetOnCondition("lock",1,0);
   const bool twice=GlobalVariableSetOnCondition("lock",2,0);
   Print("taken ",taken," ",twice," ",GlobalVariableGet("lock"));
   GlobalVariableSet("kept",0.1);
   Print("kept ",GlobalVariableGet("kept")==0.1," ",GlobalVariableCheck("other")," ",GlobalVariablesTotal());
  }

int OnInit()
  {
   g_inits++;
   Print("init ",g_inits," turns ",g_turns);
   if(InpCase=="strings")
      CaseStrings();
   else if(InpCase=="pages")
      CasePages();
   else if(InpCase=="arrays")
      CaseArrays();
   else if(InpCase=="time")
      CaseTime();
   else if(InpCase=="hash")
      CaseHash();
   else if(InpCase=="files")
      CaseFiles();
   else if(InpCase=="journal")
      CaseJournal();
   else if(InpCase=="web")
      CaseWeb();
   else if(InpCase=="globals" || InpCase=="globals-stay")
      CaseGlobals();
   else if(InpCase=="range")
     {
      int none[];
      Print(none[g_turns]);
     }
   else if(InpCase=="format")
      PrintFormat("%d",InpBig);
   else if(InpCase=="refuse")
      return(INIT_FAILED);
   else
     {
      EventSetMillisecondTimer(InpTimerMs);
      ObjectCreate(0,"kill",OBJ_BUTTON,0,0,0);
      ObjectSetString(0,"kill",OBJPROP_TEXT,"KILL");
      return(INIT_SUCCEEDED);
     }
   if(InpCase!="globals-stay")
      ExpertRemove();
   return(INIT_SUCCEEDED);
  }

void OnTimer()
  {
   g_turns++;
   if(InpCase=="timer")
      Print("turn ",GetMicrosecondCount());
   if(InpCase=="slow")
     {
      Print("slow ",GetMicrosecondCount());
      Sleep(100);
     }
   if((InpCase=="timer" && g_turns>=30) || (InpCase=="slow" && g_turns>=4))
      ExpertRemove();
  }

void OnChartEvent(const int id,const long &lparam,const double &dparam,const string &sparam)
  {
   Print("pressed ",id==CHARTEVENT_OBJECT_CLICK," ",sparam," ",ObjectGetInteger(0,"kill",OBJPROP_STATE));
  }

void OnDeinit(const int reason)
  {
   Print("deinit ",reason," ",UninitializeReason()==reason);
  }
