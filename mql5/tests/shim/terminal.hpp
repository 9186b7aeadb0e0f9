// What a program can ask about the terminal and itself, how it ends, and its timer's wish.
// Trading permissions and the connection are the broker's side (world.hpp); without one they are off, as in an idle terminal.
#pragma once
#include "world.hpp"

inline constexpr int INIT_SUCCEEDED = 0;
inline constexpr int INIT_FAILED = 1;
inline constexpr int INIT_PARAMETERS_INCORRECT = 32767;
inline constexpr int INIT_AGENT_NOT_SUITABLE = 32766;
enum : int {
  REASON_PROGRAM, REASON_REMOVE, REASON_RECOMPILE, REASON_CHARTCHANGE, REASON_CHARTCLOSE, REASON_PARAMETERS, REASON_ACCOUNT, REASON_TEMPLATE,
  REASON_INITFAILED, REASON_CLOSE
};

enum ENUM_TERMINAL_INFO_INTEGER : int {
  TERMINAL_BUILD, TERMINAL_COMMUNITY_ACCOUNT, TERMINAL_COMMUNITY_CONNECTION, TERMINAL_CONNECTED, TERMINAL_DLLS_ALLOWED,
  TERMINAL_TRADE_ALLOWED, TERMINAL_EMAIL_ENABLED, TERMINAL_FTP_ENABLED, TERMINAL_NOTIFICATIONS_ENABLED, TERMINAL_MAXBARS,
  TERMINAL_MQID, TERMINAL_CODEPAGE, TERMINAL_CPU_CORES, TERMINAL_DISK_SPACE, TERMINAL_MEMORY_PHYSICAL, TERMINAL_MEMORY_TOTAL,
  TERMINAL_MEMORY_AVAILABLE, TERMINAL_MEMORY_USED, TERMINAL_X64, TERMINAL_OPENCL_SUPPORT, TERMINAL_SCREEN_DPI, TERMINAL_PING_LAST, TERMINAL_VPS
};
enum ENUM_TERMINAL_INFO_STRING : int {
  TERMINAL_LANGUAGE, TERMINAL_COMPANY, TERMINAL_NAME, TERMINAL_PATH, TERMINAL_DATA_PATH, TERMINAL_COMMONDATA_PATH
};
enum ENUM_MQL_INFO_INTEGER : int {
  MQL_MEMORY_LIMIT, MQL_MEMORY_USED, MQL_PROGRAM_TYPE, MQL_DLLS_ALLOWED, MQL_TRADE_ALLOWED, MQL_SIGNALS_ALLOWED, MQL_DEBUG, MQL_PROFILER,
  MQL_TESTER, MQL_FORWARD, MQL_OPTIMIZATION, MQL_VISUAL_MODE, MQL_FRAME_MODE, MQL_LICENSE_TYPE, MQL_HANDLES_USED
};
enum ENUM_MQL_INFO_STRING : int { MQL_PROGRAM_NAME, MQL_PROGRAM_PATH };
enum ENUM_PROGRAM_TYPE : int { PROGRAM_SCRIPT = 1, PROGRAM_EXPERT = 2, PROGRAM_INDICATOR = 4, PROGRAM_SERVICE = 5 };

namespace shim {

inline std::string &program_name() {
  static std::string name = "expert";
  return name;
}
inline bool &remove_asked() {
  static bool asked = false;
  return asked;
}
inline int &end_reason() {
  static int reason = REASON_PROGRAM;
  return reason;
}
/// Milliseconds between timer events; 0 = no timer.
inline int &timer_period_ms() {
  static int period = 0;
  return period;
}

}  // namespace shim

inline int GetLastError() { return shim::last_error(); }
inline void ResetLastError() { shim::last_error() = 0; }
inline void SetUserError(ushort code) { shim::fail(65536 + code); }
inline constexpr int ERR_USER_ERROR_FIRST = 65536;
inline int &_LastError = shim::last_error();

inline int TerminalInfoInteger(ENUM_TERMINAL_INFO_INTEGER property) {
  long value = 0;
  if (shim::outside().terminal_integer(property, value)) return static_cast<int>(value);
  if (property == TERMINAL_BUILD) return shim::settings().build;
  if (property == TERMINAL_CODEPAGE) return 1252;
  if (property == TERMINAL_X64) return 1;
  if (property == TERMINAL_CPU_CORES) return 2;
  if (property == TERMINAL_MAXBARS) return 100000;
  if (property == TERMINAL_SCREEN_DPI) return 96;
  return 0;
}
inline string TerminalInfoString(ENUM_TERMINAL_INFO_STRING property) {
  switch (property) {
    case TERMINAL_LANGUAGE: return u"English";
    case TERMINAL_COMPANY: return u"MetaQuotes Ltd.";
    case TERMINAL_NAME: return u"MetaTrader 5";
    case TERMINAL_PATH: return u"C:\\Program Files\\MetaTrader 5";
    default: return u"C:\\MetaQuotes\\Terminal";
  }
}
inline int MQLInfoInteger(ENUM_MQL_INFO_INTEGER property) {
  long value = 0;
  if (shim::outside().program_integer(property, value)) return static_cast<int>(value);
  return property == MQL_PROGRAM_TYPE ? PROGRAM_EXPERT : 0;
}
inline string MQLInfoString(ENUM_MQL_INFO_STRING property) {
  const string name = string::of(shim::program_name());
  return property == MQL_PROGRAM_NAME ? name : u"C:\\MQL5\\Experts\\" + name + u".ex5";
}

inline void ExpertRemove() { shim::remove_asked() = true; }
inline int UninitializeReason() { return shim::end_reason(); }
/// A modal box nobody answers here.
inline int MessageBox(const string &text, const string & = string(), int = 0) {
  shim::say("ALERT", text.utf8());
  return 1;
}
inline bool PlaySound(const string &) { return true; }

inline bool EventSetMillisecondTimer(int milliseconds) {
  if (milliseconds <= 0) return shim::fail(4003);
  shim::timer_period_ms() = milliseconds;
  return true;
}
inline bool EventSetTimer(int seconds) { return EventSetMillisecondTimer(seconds * 1000); }
inline void EventKillTimer() { shim::timer_period_ms() = 0; }
