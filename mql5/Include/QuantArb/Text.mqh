//+------------------------------------------------------------------+
//| Text.mqh - text, bytes and plain decimals.                       |
//| Owns: UTF-8 both ways, hex, checksum, numbers as text, escaping  |
//| of journal fields. Must not know orders, files or the network.   |
//| Invariant: no text made here holds a NUL or half a surrogate.    |
//+------------------------------------------------------------------+

/// Digits an engine can keep of one figure; more are refused by it.
const int TEXT_MAX_DIGITS=15;

const uint TEXT_CRC_POLYNOMIAL=0xEDB88320;
const uint TEXT_CRC_ONES=0xFFFFFFFF;

/// UTF-8 of a text, without the zero byte that StringToCharArray appends.
void TextToBytes(const string text,uchar &bytes[])
  {
   ArrayResize(bytes,0);
   if(StringLen(text)==0)
      return;
   int count=StringToCharArray(text,bytes,0,WHOLE_ARRAY,CP_UTF8);
   while(count>0 && bytes[count-1]==0)
      count--;
   ArrayResize(bytes,count);
  }

/// Text of UTF-8 bytes; empty for no bytes.
string TextFromBytes(const uchar &bytes[])
  {
   const int count=ArraySize(bytes);
   if(count==0)
      return("");
   return(CharArrayToString(bytes,0,count,CP_UTF8));
  }

/// Text of a part of UTF-8 bytes.
string TextFromRange(const uchar &bytes[],const int from,const int count)
  {
   if(count<=0)
      return("");
   return(CharArrayToString(bytes,from,count,CP_UTF8));
  }

/// Appends bytes to bytes.
void TextAppendBytes(uchar &target[],const uchar &more[])
  {
   const int had=ArraySize(target);
   const int extra=ArraySize(more);
   if(extra==0)
      return;
   ArrayResize(target,had+extra,4096);
   for(int i=0; i<extra; i++)
      target[had+i]=more[i];
  }

/// Lower-case hex.
string TextHex(const uchar &bytes[])
  {
   const string digits="0123456789abcdef";
   string hex="";
   for(int i=0; i<ArraySize(bytes); i++)
     {
      const int value=(int)bytes[i];
      hex+=StringSubstr(digits,value/16,1)+StringSubstr(digits,value%16,1);
     }
   return(hex);
  }

/// CRC-32 (polynomial EDB88320): tells a whole line from a torn one.
uint TextChecksum(const uchar &bytes[])
  {
   uint sum=TEXT_CRC_ONES;
   for(int i=0; i<ArraySize(bytes); i++)
     {
      sum=sum^(uint)bytes[i];
      for(int bit=0; bit<8; bit++)
        {
         if((sum&1)!=0)
            sum=(sum>>1)^TEXT_CRC_POLYNOMIAL;
         else
            sum=sum>>1;
        }
     }
   return(sum^TEXT_CRC_ONES);
  }

/// Digits of a ticket, a magic number or a time.
string TextId(const ulong id)
  {
   return(StringFormat("%I64u",id));
  }

/// Digits of a signed whole number.
string TextWhole(const long value)
  {
   return(StringFormat("%I64d",value));
  }

/// A plain decimal with at most `digits` decimals and no zeros at its end; "0" for what is no number.
string TextNumber(const double value,const int digits)
  {
   if(!MathIsValidNumber(value))
      return("0");
   int whole=1;
   double size=MathAbs(value);
   while(size>=10.0 && whole<TEXT_MAX_DIGITS)
     {
      size=size/10.0;
      whole++;
     }
   int decimals=TEXT_MAX_DIGITS-whole;
   if(decimals>digits)
      decimals=digits;
   if(decimals<0)
      decimals=0;
   string text=DoubleToString(value,decimals);
   if(StringFind(text,".")>=0)
     {
      int length=StringLen(text);
      while(length>0 && StringGetCharacter(text,length-1)=='0')
         length--;
      if(length>0 && StringGetCharacter(text,length-1)=='.')
         length--;
      text=StringSubstr(text,0,length);
     }
   if(text=="-0" || text=="")
      return("0");
   return(text);
  }

/// Whether a text is 1-20 decimal digits and nothing else.
bool TextIsDigits(const string text)
  {
   const int length=StringLen(text);
   if(length==0 || length>20)
      return(false);
   for(int i=0; i<length; i++)
     {
      const ushort c=StringGetCharacter(text,i);
      if(c<'0' || c>'9')
         return(false);
     }
   return(true);
  }

/// Whether a text is an unsigned plain decimal such as "0.10": StringToDouble would take garbage for zero.
bool TextIsDecimal(const string text)
  {
   const int dot=StringFind(text,".");
   if(dot<0)
      return(TextIsDigits(text));
   return(TextIsDigits(StringSubstr(text,0,dot)) && TextIsDigits(StringSubstr(text,dot+1)));
  }

/// A ticket or magic number of its digits; 0 for anything else or beyond 2^63.
ulong TextToId(const string text)
  {
   if(!TextIsDigits(text) || StringLen(text)>18)
      return(0);
   return((ulong)StringToInteger(text));
  }

/// The same text without control characters and half surrogates: broker texts may hold anything.
string TextPlain(const string text)
  {
   string plain=text;
   const int length=StringLen(plain);
   for(int i=0; i<length; i++)
     {
      const ushort c=StringGetCharacter(plain,i);
      if(c<32 || c==127)
         StringSetCharacter(plain,i,' ');
      else
         if(c>=0xD800 && c<=0xDFFF)
           {
            const ushort next=(i+1<length) ? StringGetCharacter(plain,i+1) : (ushort)0;
            if(c<0xDC00 && next>=0xDC00 && next<=0xDFFF)
               i++;
            else
               StringSetCharacter(plain,i,'?');
           }
     }
   return(plain);
  }

/// A field of a journal line: the separator and line ends escaped.
string TextField(const string text)
  {
   string field=TextPlain(text);
   StringReplace(field,"%","%25");
   StringReplace(field,"|","%7C");
   return(field);
  }

/// A field of a journal line as it was.
string TextUnfield(const string field)
  {
   string text=""+field;
   StringReplace(text,"%7C","|");
   StringReplace(text,"%25","%");
   return(text);
  }

/// A name that any file system takes.
string TextFileName(const string text)
  {
   string name="";
   for(int i=0; i<StringLen(text); i++)
     {
      const ushort c=StringGetCharacter(text,i);
      const bool letter=(c>='a' && c<='z') || (c>='A' && c<='Z') || (c>='0' && c<='9') || c=='-' || c=='.';
      name+=letter ? StringSubstr(text,i,1) : "_";
     }
   return(name);
  }

/// Trimmed at both ends.
string TextTrim(const string text)
  {
   string trimmed=text;
   StringTrimLeft(trimmed);
   StringTrimRight(trimmed);
   return(trimmed);
  }

/// Adds a ticket to a comma-separated list unless it is there.
string TextListAdd(const string list,const ulong ticket)
  {
   const string id=TextId(ticket);
   if(StringLen(list)==0)
      return(id);
   if(StringFind(","+list+",",","+id+",")>=0)
      return(list);
   return(list+","+id);
  }
