//+------------------------------------------------------------------+
//| Notice.mqh - what a person is told.                              |
//| Owns: one alert a change of state, never one a poll. Must not    |
//| hold secrets: the token and the key are never printed.           |
//+------------------------------------------------------------------+

enum NOTICE_SUBJECT
  {
   NOTICE_LINK,
   NOTICE_GATES,
   NOTICE_DISK,
   NOTICE_LOCK,
   NOTICE_SYMBOLS,
   NOTICE_SUBJECTS
  };

string g_notices[];

/// Forgets what was told, after a start.
void NoticeReset()
  {
   ArrayResize(g_notices,(int)NOTICE_SUBJECTS);
   for(int i=0; i<(int)NOTICE_SUBJECTS; i++)
      g_notices[i]="";
  }

/// Alerts once when the text of a subject changes; an empty text is the end of it.
void NoticeTell(const NOTICE_SUBJECT subject,const string text)
  {
   if(g_notices[(int)subject]==text)
      return;
   g_notices[(int)subject]=text;
   if(text!="")
      Alert("Quant Arb: ",text);
  }
