//+------------------------------------------------------------------+
//| Panel.mqh - the chart's view of the link, and the KILL button.   |
//| Owns: chart objects. Must not decide anything; it shows what is. |
//+------------------------------------------------------------------+

const string PANEL_PREFIX="QuantArb.";
const string PANEL_KILL="QuantArb.kill";
const int    PANEL_LEFT=12;
const int    PANEL_TOP=24;
const int    PANEL_LINE=18;
const int    PANEL_LINES=9;
const ulong  PANEL_EVERY_MS=250;

string g_panel[];
ulong  g_panel_ms=0;
bool   g_panel_changed=false;

/// Draws the empty panel.
void PanelCreate()
  {
   ArrayResize(g_panel,PANEL_LINES);
   g_panel_ms=0;
   for(int i=0; i<PANEL_LINES; i++)
     {
      g_panel[i]="";
      const string name=PANEL_PREFIX+TextWhole(i);
      ObjectCreate(0,name,OBJ_LABEL,0,0,0);
      ObjectSetInteger(0,name,OBJPROP_CORNER,(long)CORNER_LEFT_UPPER);
      ObjectSetInteger(0,name,OBJPROP_XDISTANCE,PANEL_LEFT);
      ObjectSetInteger(0,name,OBJPROP_YDISTANCE,PANEL_TOP+i*PANEL_LINE);
      ObjectSetInteger(0,name,OBJPROP_FONTSIZE,9);
      ObjectSetInteger(0,name,OBJPROP_SELECTABLE,0);
      ObjectSetString(0,name,OBJPROP_FONT,"Consolas");
      ObjectSetString(0,name,OBJPROP_TEXT," ");
     }
   ObjectCreate(0,PANEL_KILL,OBJ_BUTTON,0,0,0);
   ObjectSetInteger(0,PANEL_KILL,OBJPROP_CORNER,(long)CORNER_LEFT_UPPER);
   ObjectSetInteger(0,PANEL_KILL,OBJPROP_XDISTANCE,PANEL_LEFT);
   ObjectSetInteger(0,PANEL_KILL,OBJPROP_YDISTANCE,PANEL_TOP+PANEL_LINES*PANEL_LINE+6);
   ObjectSetInteger(0,PANEL_KILL,OBJPROP_XSIZE,120);
   ObjectSetInteger(0,PANEL_KILL,OBJPROP_YSIZE,28);
   ObjectSetInteger(0,PANEL_KILL,OBJPROP_BGCOLOR,(long)clrFireBrick);
   ObjectSetInteger(0,PANEL_KILL,OBJPROP_COLOR,(long)clrWhite);
   ObjectSetString(0,PANEL_KILL,OBJPROP_TEXT,"KILL");
   // A chart saved while it was down must not keep the EA from trading for ever.
   ObjectSetInteger(0,PANEL_KILL,OBJPROP_STATE,0);
   ChartRedraw(0);
  }

/// Takes the panel off the chart.
void PanelRemove()
  {
   ObjectsDeleteAll(0,PANEL_PREFIX);
   ChartRedraw(0);
  }

void PanelLine(const int line,const string text,const color shade)
  {
   if(g_panel[line]==text)
      return;
   g_panel[line]=text;
   g_panel_changed=true;
   const string name=PANEL_PREFIX+TextWhole(line);
   ObjectSetString(0,name,OBJPROP_TEXT,text=="" ? " " : text);
   ObjectSetInteger(0,name,OBJPROP_COLOR,(long)shade);
  }

string PanelLinkWord()
  {
   switch(g_link)
     {
      case LINK_UP:
         return("connected");
      case LINK_STARTING:
         return("starting");
      case LINK_AWAY:
         return("engine away");
      case LINK_DENIED:
         return("engine denies us");
      case LINK_MISMATCH:
         return("does not fit");
      case LINK_REFUSED:
         return("engine refused a message");
      default:
         return("SUPERSEDED");
     }
  }

/// Shows everything, at most a few times a second. `trouble` is what keeps the EA from starting.
void PanelShow(const string trouble)
  {
   const ulong now=GetTickCount64();
   if(g_panel_ms!=0 && now-g_panel_ms<PANEL_EVERY_MS)
      return;
   g_panel_ms=now;
   g_panel_changed=false;
   const string gate=AccountGates();
   const bool well=trouble=="" && g_link==LINK_UP && gate=="ok";
   int positions=0;
   const double lots=AccountOwnLots(positions);
   const string beat=g_link_answer_ms==0 ? "never" : TextNumber((double)(now-g_link_answer_ms)/1000.0,0)+" s ago";
   PanelLine(0,"Quant Arb "+EA_VERSION+"  "+TextWhole(g_login)+" "+g_server,clrSilver);
   PanelLine(1,"Link: "+(trouble=="" ? PanelLinkWord() : "not started")+(g_link==LINK_UP && trouble=="" ? ", epoch "+TextWhole(g_epoch) : ""),well ? clrLimeGreen : clrOrange);
   PanelLine(2,"Last answer: "+beat,clrSilver);
   PanelLine(3,"Mode: "+ModeWord(),ModeNow()==ENGINE_NORMAL ? clrLimeGreen : clrOrange);
   PanelLine(4,"Own positions: "+TextWhole(positions)+", "+TextNumber(lots,4)+" lots",clrSilver);
   PanelLine(5,"Commands sent: "+TextWhole(JournalSentCount())+", to be told: "+TextWhole(ArraySize(g_outbox)),clrSilver);
   PanelLine(6,"Gates: "+gate+(gate=="ok" ? "" : " - "+AccountGateAdvice(gate)),gate=="ok" ? clrLimeGreen : clrOrange);
   const string missing=SymbolsMissing();
   PanelLine(7,missing=="" ? "" : "Not known to this broker: "+missing,clrOrange);
   PanelLine(8,trouble!="" ? trouble : g_link_text,clrOrange);
   if(g_panel_changed)
      ChartRedraw(0);
  }

/// Whether KILL is down although its event has not been handled yet: several orders may follow one another in a turn.
bool PanelKillIsDown()
  {
   return(ObjectGetInteger(0,PANEL_KILL,OBJPROP_STATE)!=0);
  }

/// The button is not a switch: it comes up again.
void PanelButtonUp()
  {
   ObjectSetInteger(0,PANEL_KILL,OBJPROP_STATE,0);
   ChartRedraw(0);
  }
