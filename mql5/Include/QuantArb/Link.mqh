//+------------------------------------------------------------------+
//| Link.mqh - one request at a time to the engine.                  |
//| Owns: session, epoch, sequence, repeats, back-off, statuses, the |
//| signature check. Must not know what is said. Invariants: nothing |
//| of a reply is acted on unless it is signed, of our epoch and for |
//| our sequence number; an unanswered request is repeated as it is. |
//+------------------------------------------------------------------+

const ulong LINK_BACKOFF_MIN_MS=100;
const ulong LINK_BACKOFF_MAX_MS=5000;
const ulong LINK_DENIED_MS=5000;
const ulong LINK_REFUSED_MS=60000;
const ulong LINK_MISMATCH_MS=15000;
const int   LINK_MAX_REPLY=262144;
const long  LINK_POLL_MIN_MS=10;
const long  LINK_POLL_MAX_MS=1000;

enum LINK_STATE
  {
   LINK_STARTING,
   LINK_UP,
   LINK_AWAY,        // no answer
   LINK_DENIED,      // 401, 403
   LINK_MISMATCH,    // 412
   LINK_REFUSED,     // 400
   LINK_SUPERSEDED   // for good
  };

enum LINK_ANSWER
  {
   LINK_ANSWERED,      // signed 200: what was said has arrived
   LINK_NO_ANSWER,     // the same again, later
   LINK_NOT_TAKEN,     // 400: the engine will not have it
   LINK_SESSION_OVER   // hello again, or never
  };

LINK_STATE g_link=LINK_STARTING;
string     g_link_text="";
string     g_session="";
long       g_epoch=0;
ulong      g_seq=0;
ulong      g_link_next_ms=0;
ulong      g_link_backoff_ms=0;
ulong      g_link_answer_ms=0;    // GetTickCount64 of the last signed answer, 0 none
ulong      g_link_request_ms=0;   // when the request was made whose answer is being read
ulong      g_http_us_max=0;
long       g_poll_ms=20;
bool       g_more=false;
ulong      g_link_hold_ms=0;     // how long a refused message waits

/// Forgets the session; the next request is hello.
void LinkReset()
  {
   g_session="";
   g_epoch=0;
   g_seq=0;
   g_more=false;
   g_trading=false;
   g_engine_mode=ENGINE_HALT;
  }

/// As after OnInit.
void LinkStart()
  {
   LinkReset();
   g_link=LINK_STARTING;
   g_link_text="";
   g_link_next_ms=0;
   g_link_backoff_ms=0;
   g_link_answer_ms=0;
   g_http_us_max=0;
   g_poll_ms=20;
   g_unsigned_engine=false;
   g_link_hold_ms=0;
  }

/// Whether a request may be made now.
bool LinkMaySpeak()
  {
   return(g_link!=LINK_SUPERSEDED && g_link_next_ms<=GetTickCount64());
  }

string LinkHeader(const string headers,const string name)
  {
   string lines[];
   const int count=StringSplit(headers,(ushort)'\n',lines);
   for(int i=0; i<count; i++)
     {
      const int colon=StringFind(lines[i],":");
      if(colon<=0)
         continue;
      string key=TextTrim(StringSubstr(lines[i],0,colon));
      StringToLower(key);
      if(key==name)
         return(TextTrim(StringSubstr(lines[i],colon+1)));
     }
   return("");
  }

string LinkUrl(const string path)
  {
   string base=TextTrim(InpUrl);
   if(StringLen(base)>0 && StringGetCharacter(base,StringLen(base)-1)=='/')
      base=StringSubstr(base,0,StringLen(base)-1);
   return(base+"/mt5/"+path);
  }

/// One POST. @return the HTTP status, or -1 with `error`
int LinkPost(const string path,const string body,uchar &reply[],string &headers,int &error)
  {
   uchar bytes[];
   TextToBytes(body,bytes);
   char sent[];
   char result[];
   const int size=ArraySize(bytes);
   ArrayResize(sent,size);
   for(int i=0; i<size; i++)
      sent[i]=(char)bytes[i];
   const string request_headers="Content-Type: application/json\r\nAuthorization: Bearer "+TextTrim(InpToken)+"\r\n";
   g_link_request_ms=GetTickCount64();
   const ulong began_us=GetMicrosecondCount();
   ResetLastError();
   const int status=WebRequest("POST",LinkUrl(path),request_headers,InpHttpTimeoutMs,sent,result,headers);
   error=GetLastError();
   const ulong took_us=GetMicrosecondCount()-began_us;
   if(took_us>g_http_us_max)
      g_http_us_max=took_us;
   const int got=ArraySize(result);
   ArrayResize(reply,got);
   for(int i=0; i<got; i++)
      reply[i]=(uchar)result[i];
   return(status);
  }

/// Says one thing. `doc` is what a signed engine answered.
LINK_ANSWER LinkSay(const string path,const string gates,const string payload,JsonDoc &doc)
  {
   const bool hello=path=="hello";
   const string seq=hello ? "0" : TextId(g_seq);
   string body="{\"v\":1,"+JsonText("session",hello ? "" : g_session)+","+JsonCount("epoch",hello ? (long)0 : g_epoch);
   body+=",\"seq\":\""+seq+"\","+JsonId("mono_ms",GetTickCount64())+","+JsonText("gates",gates)+","+payload+"}";
   uchar reply[];
   string headers="";
   int error=0;
   const int status=LinkPost(path,body,reply,headers,error);
   if(status!=200)
      return(LinkFailed(status,error,reply,hello));
   const string fault=LinkBelieve(reply,headers,seq,hello,doc);
   if(fault!="")
     {
      LinkWait(LINK_AWAY,fault,0);
      return(LINK_NO_ANSWER);
     }
   g_link=LINK_UP;
   g_link_text="";
   g_link_backoff_ms=0;
   g_link_next_ms=0;
   g_link_answer_ms=GetTickCount64();
   return(LINK_ANSWERED);
  }

/// Whether a 200 is the engine's, for this request of this session. @return empty, or why it is not believed
string LinkBelieve(const uchar &reply[],const string headers,const string seq,const bool hello,JsonDoc &doc)
  {
   if(ArraySize(reply)>LINK_MAX_REPLY)
      return("the answer is too long");
   if(!JsonRead(TextFromBytes(reply),doc))
      return("the answer is not JSON: "+doc.fault);
   const string session=hello ? JsonTextAt(doc,"session") : g_session;
   g_unsigned_engine=session=="" || !SignatureFits(TextTrim(InpKey),session,seq,reply,LinkHeader(headers,"x-hc-sig"));
   if(g_unsigned_engine)
      return("the answer is not signed with our key: check InpKey, or another program sits on this port");
   long version=0;
   long epoch=0;
   if(!JsonWholeAt(doc,"v",version) || version!=1)
      return("the engine speaks another protocol");
   if(JsonTextAt(doc,"ack_seq")!=seq)
      return("the answer is to another request");
   if(!JsonWholeAt(doc,"epoch",epoch) || epoch<=0 || (!hello && epoch!=g_epoch))
      return("the answer is of another epoch");
   return("");
  }

/// Shows a state and waits: a fixed time, or 0 for the doubling one.
void LinkWait(const LINK_STATE state,const string text,const ulong wait_ms)
  {
   g_link=state;
   g_link_text=text;
   ulong wait=wait_ms;
   if(wait==0)
     {
      g_link_backoff_ms=g_link_backoff_ms==0 ? LINK_BACKOFF_MIN_MS : 2*g_link_backoff_ms;
      if(g_link_backoff_ms>LINK_BACKOFF_MAX_MS)
         g_link_backoff_ms=LINK_BACKOFF_MAX_MS;
      wait=g_link_backoff_ms;
     }
   g_link_next_ms=GetTickCount64()+wait;
  }

/// What an error of WebRequest asks of a person.
string LinkErrorAdvice(const int error)
  {
   if(error==4014 || error==5203 || error==5200)
      return("WebRequest is not allowed or failed (error "+TextWhole(error)+"): Tools > Options > Expert Advisors > Allow WebRequest for listed URL: "+TextTrim(InpUrl));
   if(error==5201)
      return("no connection: is Quant Arb running at "+TextTrim(InpUrl)+"?");
   if(error==5202)
      return("no answer in time from "+TextTrim(InpUrl));
   return("no answer from "+TextTrim(InpUrl)+" (error "+TextWhole(error)+")");
  }

/// Everything but a 200, by the table of the protocol.
LINK_ANSWER LinkFailed(const int status,const int error,const uchar &reply[],const bool hello)
  {
   if(status<=0)
     {
      LinkWait(LINK_AWAY,LinkErrorAdvice(error),0);
      return(LINK_NO_ANSWER);
     }
   JsonDoc doc;
   string code="";
   string field="";
   string message="";
   if(ArraySize(reply)<=LINK_MAX_REPLY && JsonRead(TextFromBytes(reply),doc))
     {
      code=JsonTextAt(doc,"error.code");
      field=JsonTextAt(doc,"error.field");
      message=JsonTextAt(doc,"error.message");
     }
   const string text=TextWhole(status)+" "+code+(field=="" ? "" : " ("+field+")")+": "+message;
   if(status==400 || status==413 || status==415)
     {
      // A number that was used or overtaken says nothing against the message: the same under a new one.
      g_link_hold_ms=(code=="seq-reused" || code=="out-of-order") ? LINK_BACKOFF_MIN_MS : LINK_REFUSED_MS;
      LinkWait(LINK_REFUSED,text,hello ? g_link_hold_ms : LINK_BACKOFF_MIN_MS);
      Print("QuantArb: the engine refused ",text);
      return(LINK_NOT_TAKEN);
     }
   if(status==401 || status==403)
     {
      LinkWait(LINK_DENIED,text+" - check InpToken",LINK_DENIED_MS);
      return(LINK_NO_ANSWER);
     }
   if(status==409 && code=="superseded")
     {
      LinkReset();
      g_link=LINK_SUPERSEDED;
      g_link_text="another EA has taken over this account; remove this one, or load it again to take over";
      return(LINK_SESSION_OVER);
     }
   if(status==409 && !hello)
     {
      LinkReset();
      LinkWait(LINK_STARTING,text,0);
      return(LINK_SESSION_OVER);
     }
   if(status==412)
     {
      LinkReset();
      LinkWait(LINK_MISMATCH,text,LINK_MISMATCH_MS);
      return(LINK_SESSION_OVER);
     }
   LinkWait(LINK_AWAY,text,0);
   return(LINK_NO_ANSWER);
  }

/// What every answer carries: mode, pace, snapshot. Called before anything else of it is used.
void LinkHear(const JsonDoc &doc)
  {
   if(!ModeHear(JsonTextAt(doc,"mode")))
      Print("QuantArb: a mode that is none of ours: halted");
   long number=0;
   if(JsonWholeAt(doc,"poll_ms",number))
     {
      g_poll_ms=number<LINK_POLL_MIN_MS ? LINK_POLL_MIN_MS : number;
      if(g_poll_ms>LINK_POLL_MAX_MS)
         g_poll_ms=LINK_POLL_MAX_MS;
     }
   g_more=JsonTrueAt(doc,"more");
   long since=0;
   if(!JsonWholeAt(doc,"deals_since_msc",since))
      since=0;
   if(JsonWholeAt(doc,"snapshot_request",number))
      SnapshotWanted(number,since);
  }

/// Opens the session that an answer to hello has given.
void LinkOpened(const JsonDoc &doc)
  {
   g_session=JsonTextAt(doc,"session");
   if(!JsonWholeAt(doc,"epoch",g_epoch))
      g_epoch=0;
   g_seq=1;
   g_trading=JsonTrueAt(doc,"trading");
   g_trading_why=JsonTextAt(doc,"why");
   SnapshotDrop();
   for(int i=0; i<ArraySize(g_symbols); i++)
      g_symbols[i].wanted=false;
   for(int row=0; row<JSON_MAX_VALUES; row++)
     {
      string name="";
      if(JsonFind(doc,"wanted."+TextWhole(row),name)==JSON_NOTHING)
         break;
      const int at=SymbolsIndex(name);
      if(at>=0)
         g_symbols[at].wanted=true;
     }
   long since=0;
   if(!JsonWholeAt(doc,"deals_since_msc",since))
      since=0;
   DealsNewSession(since);
   QuotesAllNew();
  }
