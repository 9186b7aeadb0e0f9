//+------------------------------------------------------------------+
//| JsonReader.mqh - reads one JSON object into paths and values.    |
//| Owns: the tokenizer. Must not guess: what is not JSON, is nested |
//| deeper than JSON_MAX_DEPTH or names a member twice is refused.   |
//| `{"a":{"b":"x"},"c":[1]}` gives a.b = x and c.0 = 1.             |
//+------------------------------------------------------------------+

const int JSON_MAX_DEPTH=3;
const int JSON_MAX_VALUES=4096;

enum JSON_KIND
  {
   JSON_NOTHING,   // no such path
   JSON_TEXT,
   JSON_NUMBER,
   JSON_FLAG,
   JSON_NULL
  };

/// What was read; `fault` is empty when all of it was JSON.
struct JsonDoc
  {
   string            source;
   int               at;
   string            fault;
   string            paths[];
   string            values[];
   JSON_KIND         kinds[];
  };

/// Reads a whole text. @return false when it is malformed, with `doc.fault` in words
bool JsonRead(const string text,JsonDoc &doc)
  {
   doc.source=text;
   doc.at=0;
   doc.fault="";
   ArrayResize(doc.paths,0,64);
   ArrayResize(doc.values,0,64);
   ArrayResize(doc.kinds,0,64);
   JsonSkipSpace(doc);
   if(JsonPeek(doc)!='{')
      return(JsonFail(doc,"not an object"));
   if(!JsonReadValue(doc,"",0))
      return(false);
   JsonSkipSpace(doc);
   if(doc.at<StringLen(doc.source))
      return(JsonFail(doc,"more after the end"));
   return(true);
  }

bool JsonFail(JsonDoc &doc,const string fault)
  {
   doc.fault=fault+" at "+TextWhole(doc.at);
   return(false);
  }

ushort JsonPeek(const JsonDoc &doc)
  {
   if(doc.at>=StringLen(doc.source))
      return(0);
   return(StringGetCharacter(doc.source,doc.at));
  }

void JsonSkipSpace(JsonDoc &doc)
  {
   ushort c=JsonPeek(doc);
   while(c==' ' || c=='\t' || c=='\r' || c=='\n')
     {
      doc.at++;
      c=JsonPeek(doc);
     }
  }

bool JsonKeep(JsonDoc &doc,const string path,const string value,const JSON_KIND kind)
  {
   const int count=ArraySize(doc.paths);
   if(count>=JSON_MAX_VALUES)
      return(JsonFail(doc,"too many values"));
   for(int i=0; i<count; i++)
      if(doc.paths[i]==path)
         return(JsonFail(doc,"named twice: "+path));
   ArrayResize(doc.paths,count+1,64);
   ArrayResize(doc.values,count+1,64);
   ArrayResize(doc.kinds,count+1,64);
   doc.paths[count]=path;
   doc.values[count]=value;
   doc.kinds[count]=kind;
   return(true);
  }

bool JsonReadValue(JsonDoc &doc,const string path,const int depth)
  {
   JsonSkipSpace(doc);
   const ushort c=JsonPeek(doc);
   if(c=='{' || c=='[')
     {
      if(depth>=JSON_MAX_DEPTH)
         return(JsonFail(doc,"nested too deep"));
      if(c=='{')
         return(JsonReadObject(doc,path,depth+1));
      return(JsonReadArray(doc,path,depth+1));
     }
   if(c=='"')
     {
      string text="";
      if(!JsonReadText(doc,text))
         return(false);
      return(JsonKeep(doc,path,text,JSON_TEXT));
     }
   if(c=='t')
      return(JsonReadWord(doc,path,"true",JSON_FLAG));
   if(c=='f')
      return(JsonReadWord(doc,path,"false",JSON_FLAG));
   if(c=='n')
      return(JsonReadWord(doc,path,"null",JSON_NULL));
   return(JsonReadNumber(doc,path));
  }

bool JsonReadWord(JsonDoc &doc,const string path,const string word,const JSON_KIND kind)
  {
   if(StringSubstr(doc.source,doc.at,StringLen(word))!=word)
      return(JsonFail(doc,"no value"));
   doc.at+=StringLen(word);
   return(JsonKeep(doc,path,word,kind));
  }

bool JsonReadObject(JsonDoc &doc,const string path,const int depth)
  {
   doc.at++;
   JsonSkipSpace(doc);
   if(JsonPeek(doc)=='}')
     {
      doc.at++;
      return(true);
     }
   while(!IsStopped())
     {
      JsonSkipSpace(doc);
      string name="";
      if(JsonPeek(doc)!='"' || !JsonReadText(doc,name))
         return(JsonFail(doc,"no name"));
      if(name=="" || StringFind(name,".")>=0)
         return(JsonFail(doc,"a name that is none of ours"));
      JsonSkipSpace(doc);
      if(JsonPeek(doc)!=':')
         return(JsonFail(doc,"no colon"));
      doc.at++;
      if(!JsonReadValue(doc,(path=="") ? name : path+"."+name,depth))
         return(false);
      JsonSkipSpace(doc);
      const ushort c=JsonPeek(doc);
      doc.at++;
      if(c=='}')
         return(true);
      if(c!=',')
         return(JsonFail(doc,"no comma"));
     }
   return(JsonFail(doc,"stopped"));
  }

bool JsonReadArray(JsonDoc &doc,const string path,const int depth)
  {
   doc.at++;
   JsonSkipSpace(doc);
   if(JsonPeek(doc)==']')
     {
      doc.at++;
      return(true);
     }
   int row=0;
   while(!IsStopped())
     {
      if(!JsonReadValue(doc,path+"."+TextWhole(row),depth))
         return(false);
      row++;
      JsonSkipSpace(doc);
      const ushort c=JsonPeek(doc);
      doc.at++;
      if(c==']')
         return(true);
      if(c!=',')
         return(JsonFail(doc,"no comma"));
     }
   return(JsonFail(doc,"stopped"));
  }

int JsonHexDigit(const ushort c)
  {
   if(c>='0' && c<='9')
      return((int)c-(int)'0');
   if(c>='a' && c<='f')
      return((int)c-(int)'a'+10);
   if(c>='A' && c<='F')
      return((int)c-(int)'A'+10);
   return(-1);
  }

bool JsonReadEscape(JsonDoc &doc,string &text)
  {
   const ushort c=JsonPeek(doc);
   doc.at++;
   if(c=='"' || c=='\\' || c=='/')
      text+=ShortToString(c);
   else
      if(c=='n')
         text+="\n";
      else
         if(c=='r')
            text+="\r";
         else
            if(c=='t')
               text+="\t";
            else
               if(c=='b' || c=='f')
                  text+=" ";
               else
                  if(c=='u')
                    {
                     int code=0;
                     for(int i=0; i<4; i++)
                       {
                        const int digit=JsonHexDigit(JsonPeek(doc));
                        if(digit<0)
                           return(JsonFail(doc,"no hex digit"));
                        code=code*16+digit;
                        doc.at++;
                       }
                     if(code==0)
                        return(JsonFail(doc,"a zero character"));
                     text+=ShortToString((ushort)code);
                    }
                  else
                     return(JsonFail(doc,"no such escape"));
   return(true);
  }

bool JsonReadText(JsonDoc &doc,string &text)
  {
   text="";
   doc.at++;
   int from=doc.at;
   const int length=StringLen(doc.source);
   while(doc.at<length)
     {
      const ushort c=StringGetCharacter(doc.source,doc.at);
      if(c<32)
         return(JsonFail(doc,"a bare control character"));
      if(c!='"' && c!='\\')
        {
         doc.at++;
         continue;
        }
      if(doc.at>from)
         text+=StringSubstr(doc.source,from,doc.at-from);
      doc.at++;
      if(c=='"')
         return(true);
      if(!JsonReadEscape(doc,text))
         return(false);
      from=doc.at;
     }
   return(JsonFail(doc,"a text without an end"));
  }

int JsonSkipDigits(JsonDoc &doc)
  {
   int count=0;
   ushort c=JsonPeek(doc);
   while(c>='0' && c<='9')
     {
      count++;
      doc.at++;
      c=JsonPeek(doc);
     }
   return(count);
  }

bool JsonReadNumber(JsonDoc &doc,const string path)
  {
   const int from=doc.at;
   if(JsonPeek(doc)=='-')
      doc.at++;
   const bool zero=JsonPeek(doc)=='0';
   const int whole=JsonSkipDigits(doc);
   if(whole==0 || (zero && whole>1))
      return(JsonFail(doc,"no value"));
   if(JsonPeek(doc)=='.')
     {
      doc.at++;
      if(JsonSkipDigits(doc)==0)
         return(JsonFail(doc,"no digits"));
     }
   if(JsonPeek(doc)=='e' || JsonPeek(doc)=='E')
     {
      doc.at++;
      if(JsonPeek(doc)=='+' || JsonPeek(doc)=='-')
         doc.at++;
      if(JsonSkipDigits(doc)==0)
         return(JsonFail(doc,"no digits"));
     }
   return(JsonKeep(doc,path,StringSubstr(doc.source,from,doc.at-from),JSON_NUMBER));
  }

/// Kind of the value at a path, and the value as text.
JSON_KIND JsonFind(const JsonDoc &doc,const string path,string &value)
  {
   for(int i=0; i<ArraySize(doc.paths); i++)
      if(doc.paths[i]==path)
        {
         value=doc.values[i];
         return(doc.kinds[i]);
        }
   value="";
   return(JSON_NOTHING);
  }

/// The text at a path; empty for anything that is no text.
string JsonTextAt(const JsonDoc &doc,const string path)
  {
   string value="";
   if(JsonFind(doc,path,value)!=JSON_TEXT)
      return("");
   return(value);
  }

/// A whole number from 0, bare or in quotes. @return false when it is something else
bool JsonWholeAt(const JsonDoc &doc,const string path,long &value)
  {
   string text="";
   const JSON_KIND kind=JsonFind(doc,path,text);
   if((kind!=JSON_TEXT && kind!=JSON_NUMBER) || !TextIsDigits(text) || StringLen(text)>18)
      return(false);
   value=StringToInteger(text);
   return(true);
  }

/// Whether the value at a path is `true`.
bool JsonTrueAt(const JsonDoc &doc,const string path)
  {
   string value="";
   return(JsonFind(doc,path,value)==JSON_FLAG && value=="true");
  }
