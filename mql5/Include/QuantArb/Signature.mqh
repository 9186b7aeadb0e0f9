//+------------------------------------------------------------------+
//| Signature.mqh - HMAC-SHA256 of what the engine says.             |
//| Owns: the keyed digest and its comparison. Must not keep or show |
//| the key. Another program may sit on the engine's port: nothing   |
//| is believed whose signature does not fit.                        |
//+------------------------------------------------------------------+

const int SIGNATURE_BLOCK=64;

/// SHA-256 of bytes. @return false when the terminal could not make it
bool SignatureDigest(const uchar &bytes[],uchar &digest[])
  {
   uchar unused[];
   ArrayResize(unused,0);
   return(CryptEncode(CRYPT_HASH_SHA256,bytes,unused,digest)>0);
  }

/// HMAC-SHA256 in hex; empty when it could not be made.
string SignatureOf(const string key,const uchar &message[])
  {
   uchar block[];
   TextToBytes(key,block);
   if(ArraySize(block)>SIGNATURE_BLOCK)
     {
      uchar shorter[];
      if(!SignatureDigest(block,shorter))
         return("");
      ArrayResize(block,0);
      TextAppendBytes(block,shorter);
     }
   const int had=ArraySize(block);
   ArrayResize(block,SIGNATURE_BLOCK);
   for(int i=had; i<SIGNATURE_BLOCK; i++)
      block[i]=0;
   uchar inner[];
   uchar outer[];
   ArrayResize(inner,SIGNATURE_BLOCK);
   ArrayResize(outer,SIGNATURE_BLOCK);
   for(int i=0; i<SIGNATURE_BLOCK; i++)
     {
      inner[i]=(uchar)((int)block[i]^0x36);
      outer[i]=(uchar)((int)block[i]^0x5C);
     }
   TextAppendBytes(inner,message);
   uchar digest[];
   if(!SignatureDigest(inner,digest))
      return("");
   TextAppendBytes(outer,digest);
   uchar signature[];
   if(!SignatureDigest(outer,signature))
      return("");
   return(TextHex(signature));
  }

/// Whether `given` (hex) signs `session|seq|body`; takes as long for a near miss as for a far one.
bool SignatureFits(const string key,const string session,const string seq,const uchar &body[],const string given)
  {
   if(key=="")
      return(false);
   uchar message[];
   TextToBytes(session+"|"+seq+"|",message);
   TextAppendBytes(message,body);
   const string expected=SignatureOf(key,message);
   string lower=given;
   StringToLower(lower);
   if(expected=="" || StringLen(lower)!=StringLen(expected))
      return(false);
   int difference=0;
   for(int i=0; i<StringLen(expected); i++)
      difference=difference|((int)StringGetCharacter(expected,i)^(int)StringGetCharacter(lower,i));
   return(difference==0);
  }
