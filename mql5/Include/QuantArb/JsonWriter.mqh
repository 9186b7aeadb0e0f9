//+------------------------------------------------------------------+
//| JsonWriter.mqh - JSON as the engine reads it.                    |
//| Owns: quoting and the members of an object. Must not decide what |
//| is said. Invariant: symbols and comments may hold anything and   |
//| the result is still JSON.                                        |
//+------------------------------------------------------------------+

/// A text in quotes, escaped.
string JsonQuote(const string text)
  {
   const string hex="0123456789abcdef";
   string quoted="\"";
   int from=0;
   const int length=StringLen(text);
   for(int i=0; i<length; i++)
     {
      const ushort c=StringGetCharacter(text,i);
      if(c>=32 && c!='"' && c!='\\')
         continue;
      if(i>from)
         quoted+=StringSubstr(text,from,i-from);
      from=i+1;
      if(c=='"')
         quoted+="\\\"";
      else
         if(c=='\\')
            quoted+="\\\\";
         else
            quoted+="\\u00"+StringSubstr(hex,(int)c/16,1)+StringSubstr(hex,(int)c%16,1);
     }
   if(from<length)
      quoted+=StringSubstr(text,from,length-from);
   return(quoted+"\"");
  }

/// `"name":"text"` with control characters and half surrogates taken out.
string JsonText(const string name,const string text)
  {
   return("\""+name+"\":"+JsonQuote(TextPlain(text)));
  }

/// `"name":value` where value is JSON already.
string JsonRaw(const string name,const string value)
  {
   return("\""+name+"\":"+value);
  }

/// `"name":12`
string JsonCount(const string name,const long value)
  {
   return("\""+name+"\":"+TextWhole(value));
  }

/// `"name":"12"`: 64-bit figures travel in quotes.
string JsonId(const string name,const ulong id)
  {
   return("\""+name+"\":\""+TextId(id)+"\"");
  }

/// `"name":0.1` with at most `digits` decimals.
string JsonNumber(const string name,const double value,const int digits)
  {
   return("\""+name+"\":"+TextNumber(value,digits));
  }

/// `"name":true`
string JsonFlag(const string name,const bool value)
  {
   return("\""+name+"\":"+(value ? "true" : "false"));
  }

/// `"name":["1","2"]` of a comma-separated list of tickets, at most `most` of them.
string JsonTickets(const string name,const string list,const int most)
  {
   string tickets[];
   string rows="";
   const int count=(list=="") ? 0 : StringSplit(list,(ushort)',',tickets);
   for(int i=0; i<count && i<most; i++)
      rows+=(i>0 ? "," : "")+"\""+tickets[i]+"\"";
   return("\""+name+"\":["+rows+"]");
  }
