//+------------------------------------------------------------------+
//| Mode.mqh - what the engine and the person at the chart allow.    |
//| Owns: the engine's mode, the KILL button's latch. Must not act.  |
//| Invariant: after a press nothing is sent until the engine, told  |
//| of the press, has answered halt or close_only; from then on its  |
//| mode holds, and only its later `normal` allows opening again.    |
//+------------------------------------------------------------------+

enum ENGINE_MODE
  {
   ENGINE_NORMAL,
   ENGINE_CLOSE_ONLY,
   ENGINE_HALT
  };

ENGINE_MODE g_engine_mode=ENGINE_HALT;   // until the engine has spoken
bool        g_kill_latched=false;
int         g_kill_presses=0;
int         g_kill_told=0;             // presses the engine has answered a request about
bool        g_trading=false;
string      g_trading_why="";

/// A person pressed KILL on the chart.
void ModePress()
  {
   g_kill_presses++;
   g_kill_latched=true;
  }

/// The engine's mode of now. @return false for a word that is none of ours, which halts
bool ModeHear(const string word)
  {
   const bool known=word=="normal" || word=="close_only" || word=="halt";
   g_engine_mode=ENGINE_HALT;
   if(word=="normal")
      g_engine_mode=ENGINE_NORMAL;
   if(word=="close_only")
      g_engine_mode=ENGINE_CLOSE_ONLY;
   // It knows of every press and has stopped itself: its word counts from here on.
   if(g_kill_latched && g_kill_told>=g_kill_presses && known && g_engine_mode!=ENGINE_NORMAL)
      g_kill_latched=false;
   return(known);
  }

/// The stricter of the engine's mode and our own latch.
ENGINE_MODE ModeNow()
  {
   return(g_kill_latched ? ENGINE_HALT : g_engine_mode);
  }

/// Word for people.
string ModeWord()
  {
   if(g_kill_latched)
      return("KILLED here");
   if(g_engine_mode==ENGINE_NORMAL)
      return(g_trading ? "normal" : "quotes only");
   return(g_engine_mode==ENGINE_CLOSE_ONLY ? "close only" : "halt");
  }
