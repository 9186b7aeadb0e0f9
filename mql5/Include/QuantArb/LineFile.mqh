//+------------------------------------------------------------------+
//| LineFile.mqh - a file of checked lines that survives a death at  |
//| any moment. Owns: append with checksum, torn and damaged lines,  |
//| replacement as a whole. Must not know what a line says.          |
//| Invariants: an append that returned true is on disk. A complete  |
//| replacement beside the file is newer than the file: nothing is   |
//| appended to the file until the replacement has taken its place.  |
//+------------------------------------------------------------------+

const string LINEFILE_END="END";
const string LINEFILE_NEW=".new";
const string LINEFILE_DAMAGED=".damaged";

struct LineFile
  {
   string            name;
   bool              existed;    // there was a file when it was read
   bool              torn;       // its last line had no end
   int               damaged;    // lines elsewhere whose checksum does not fit
   bool              blocked;    // a complete replacement waits to take its place
   bool              unended;    // the next append must end a torn line first
  };

void LineFileSeal(const string payload,uchar &target[])
  {
   uchar bytes[];
   TextToBytes(payload,bytes);
   uchar mark[];
   TextToBytes("|"+StringFormat("%08X",TextChecksum(bytes))+"\n",mark);
   TextAppendBytes(target,bytes);
   TextAppendBytes(target,mark);
  }

/// The payload of a line with a fitting checksum. @return false for any other line
bool LineFileUnseal(const string line,string &payload)
  {
   const int length=StringLen(line);
   if(length<9 || StringGetCharacter(line,length-9)!='|')
      return(false);
   payload=StringSubstr(line,0,length-9);
   uchar bytes[];
   TextToBytes(payload,bytes);
   return(StringFormat("%08X",TextChecksum(bytes))==StringSubstr(line,length-8));
  }

bool LineFileBytes(const string name,uchar &bytes[])
  {
   ArrayResize(bytes,0);
   const int file=FileOpen(name,FILE_READ|FILE_BIN|FILE_SHARE_READ);
   if(file==INVALID_HANDLE)
      return(false);
   const int size=(int)FileSize(file);
   bool whole=true;
   if(size>0)
      whole=(int)FileReadArray(file,bytes,0,size)==size;
   FileClose(file);
   return(whole);
  }

/// Splits at line ends; what follows the last of them is torn.
void LineFileSplit(LineFile &store,const uchar &bytes[],string &payloads[])
  {
   const int size=ArraySize(bytes);
   int from=0;
   for(int i=0; i<size; i++)
     {
      if(bytes[i]!=10)
         continue;
      string payload="";
      if(LineFileUnseal(TextFromRange(bytes,from,i-from),payload))
        {
         const int count=ArraySize(payloads);
         ArrayResize(payloads,count+1,256);
         payloads[count]=payload;
        }
      else
         if(i>from)
            store.damaged++;
      from=i+1;
     }
   store.torn=from<size;
   store.unended=store.torn;
  }

/// Lines of a finished replacement beside the file. @return false when there is none
bool LineFileReplacement(const string name,string &payloads[])
  {
   ArrayResize(payloads,0);
   if(!FileIsExist(name+LINEFILE_NEW))
      return(false);
   uchar bytes[];
   LineFile aside={};
   aside.name=name+LINEFILE_NEW;
   if(LineFileBytes(aside.name,bytes))
      LineFileSplit(aside,bytes,payloads);
   const int count=ArraySize(payloads);
   if(count==0 || aside.torn || aside.damaged>0 || payloads[count-1]!=LINEFILE_END)
      return(false);
   ArrayResize(payloads,count-1);
   return(true);
  }

/// Reads all whole lines, oldest first. @return false when the file is there and cannot be read
bool LineFileOpen(LineFile &store,const string name,string &payloads[])
  {
   store.name=name;
   store.existed=FileIsExist(name);
   store.torn=false;
   store.damaged=0;
   store.blocked=false;
   store.unended=false;
   ArrayResize(payloads,0);
   if(LineFileReplacement(name,payloads))
     {
      store.existed=true;
      store.blocked=true;
      LineFileSwap(store);
      return(true);
     }
   ArrayResize(payloads,0);
   if(FileIsExist(name+LINEFILE_NEW))
      FileDelete(name+LINEFILE_NEW);
   if(!store.existed)
      return(true);
   uchar bytes[];
   if(!LineFileBytes(name,bytes))
      return(false);
   LineFileSplit(store,bytes,payloads);
   if(store.damaged>0)
      FileCopy(name,0,name+LINEFILE_DAMAGED,FILE_REWRITE);
   if(ArraySize(payloads)>0 && payloads[ArraySize(payloads)-1]==LINEFILE_END)
      ArrayResize(payloads,ArraySize(payloads)-1);
   return(true);
  }

bool LineFileSwap(LineFile &store)
  {
   if(!store.blocked)
      return(true);
   if(!FileMove(store.name+LINEFILE_NEW,0,store.name,FILE_REWRITE))
      return(false);
   store.blocked=false;
   store.unended=false;
   return(true);
  }

bool LineFileWrite(const string name,const int flags,const uchar &bytes[])
  {
   const int file=FileOpen(name,flags);
   if(file==INVALID_HANDLE)
      return(false);
   bool written=FileSeek(file,0,SEEK_END);
   if(written)
      written=(int)FileWriteArray(file,bytes,0,ArraySize(bytes))==ArraySize(bytes);
   FileFlush(file);
   FileClose(file);
   return(written);
  }

/// Appends lines and has them on disk before it returns true.
bool LineFileAppend(LineFile &store,const string &payloads[])
  {
   if(!LineFileSwap(store))
      return(false);
   uchar bytes[];
   ArrayResize(bytes,0,4096);
   if(store.unended)
     {
      ArrayResize(bytes,1,4096);
      bytes[0]=10;
     }
   for(int i=0; i<ArraySize(payloads); i++)
      LineFileSeal(payloads[i],bytes);
   const bool written=LineFileWrite(store.name,FILE_READ|FILE_WRITE|FILE_BIN|FILE_SHARE_READ,bytes);
   // Half of it may be there: the next append must begin on a line of its own.
   store.unended=!written;
   return(written);
  }

/// Replaces all lines: a new file first, whole and on disk, then it takes the old one's place.
bool LineFileReplace(LineFile &store,const string &payloads[])
  {
   if(!LineFileSwap(store))
      return(false);
   uchar bytes[];
   ArrayResize(bytes,0,65536);
   for(int i=0; i<ArraySize(payloads); i++)
      LineFileSeal(payloads[i],bytes);
   LineFileSeal(LINEFILE_END,bytes);
   string kept[];
   // A full disk may show only when the file is closed: what takes the old one's place has been read back.
   if(!LineFileWrite(store.name+LINEFILE_NEW,FILE_WRITE|FILE_BIN,bytes) || !LineFileReplacement(store.name,kept) ||
      ArraySize(kept)!=ArraySize(payloads))
     {
      FileDelete(store.name+LINEFILE_NEW);
      return(false);
     }
   store.blocked=true;
   return(LineFileSwap(store));
  }
