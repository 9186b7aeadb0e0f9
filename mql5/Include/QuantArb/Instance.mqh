//+------------------------------------------------------------------+
//| Instance.mqh - one EA an account on this computer.               |
//| Owns: a lock file held open without sharing, in the folder all   |
//| terminals share. The system lets go of it when the program dies, |
//| so there is no stale lock. Must not decide what happens without. |
//+------------------------------------------------------------------+

int    g_lock_file=INVALID_HANDLE;
string g_lock_name="";

/// Whether this EA holds the lock of the account.
bool InstanceIsOurs()
  {
   return(g_lock_file!=INVALID_HANDLE);
  }

/// Tries to become the one EA of the account. @return false while another one is
bool InstanceTake()
  {
   if(InstanceIsOurs())
      return(true);
   g_lock_name="QuantArb\\lock-"+AccountFileName()+".txt";
   ResetLastError();
   g_lock_file=FileOpen(g_lock_name,FILE_WRITE|FILE_BIN|FILE_COMMON);
   return(InstanceIsOurs());
  }

/// Lets another EA speak for the account.
void InstanceDrop()
  {
   if(!InstanceIsOurs())
      return;
   FileClose(g_lock_file);
   g_lock_file=INVALID_HANDLE;
  }
