// The chart: objects with their properties. A text that changes is shown as a line `PANEL name text`; `press NAME` on stdin
// presses a button, which changes its state and sends CHARTEVENT_OBJECT_CLICK, as a click does.
#pragma once
#include "format.hpp"
#include "world.hpp"

enum ENUM_OBJECT : int {
  OBJ_VLINE = 0, OBJ_HLINE = 1, OBJ_RECTANGLE = 16, OBJ_TEXT = 101, OBJ_LABEL = 102, OBJ_BUTTON = 103, OBJ_BITMAP = 104,
  OBJ_BITMAP_LABEL = 105, OBJ_EDIT = 106, OBJ_RECTANGLE_LABEL = 110
};
enum ENUM_OBJECT_PROPERTY_INTEGER : int {
  OBJPROP_TIME, OBJPROP_COLOR, OBJPROP_STYLE, OBJPROP_WIDTH, OBJPROP_BACK, OBJPROP_ZORDER, OBJPROP_FILL, OBJPROP_HIDDEN, OBJPROP_SELECTED,
  OBJPROP_READONLY, OBJPROP_TYPE, OBJPROP_SELECTABLE, OBJPROP_CREATETIME, OBJPROP_FONTSIZE, OBJPROP_ANCHOR, OBJPROP_XDISTANCE,
  OBJPROP_YDISTANCE, OBJPROP_STATE, OBJPROP_XSIZE, OBJPROP_YSIZE, OBJPROP_BGCOLOR, OBJPROP_CORNER, OBJPROP_BORDER_TYPE,
  OBJPROP_BORDER_COLOR, OBJPROP_ALIGN, OBJPROP_TIMEFRAMES
};
enum ENUM_OBJECT_PROPERTY_DOUBLE : int { OBJPROP_PRICE, OBJPROP_ANGLE };
enum ENUM_OBJECT_PROPERTY_STRING : int { OBJPROP_NAME, OBJPROP_TEXT, OBJPROP_TOOLTIP, OBJPROP_FONT };
enum ENUM_BASE_CORNER : int { CORNER_LEFT_UPPER, CORNER_LEFT_LOWER, CORNER_RIGHT_LOWER, CORNER_RIGHT_UPPER };
enum ENUM_ANCHOR_POINT : int {
  ANCHOR_LEFT_UPPER, ANCHOR_LEFT, ANCHOR_LEFT_LOWER, ANCHOR_LOWER, ANCHOR_RIGHT_LOWER, ANCHOR_RIGHT, ANCHOR_RIGHT_UPPER, ANCHOR_UPPER,
  ANCHOR_CENTER
};
enum ENUM_ALIGN_MODE : int { ALIGN_LEFT = 1, ALIGN_CENTER = 2, ALIGN_RIGHT = 0 };
enum ENUM_BORDER_TYPE : int { BORDER_FLAT, BORDER_RAISED, BORDER_SUNKEN };
enum ENUM_LINE_STYLE : int { STYLE_SOLID, STYLE_DASH, STYLE_DOT, STYLE_DASHDOT, STYLE_DASHDOTDOT };
enum ENUM_CHART_EVENT : int {
  CHARTEVENT_KEYDOWN = 0, CHARTEVENT_OBJECT_CLICK = 1, CHARTEVENT_OBJECT_DRAG = 2, CHARTEVENT_OBJECT_ENDEDIT = 3, CHARTEVENT_CLICK = 4,
  CHARTEVENT_OBJECT_DELETE = 6, CHARTEVENT_OBJECT_CREATE = 7, CHARTEVENT_OBJECT_CHANGE = 8, CHARTEVENT_CHART_CHANGE = 9,
  CHARTEVENT_MOUSE_MOVE = 10, CHARTEVENT_CUSTOM = 1000
};
enum ENUM_TIMEFRAMES : int { PERIOD_CURRENT = 0, PERIOD_M1 = 1, PERIOD_M5 = 5, PERIOD_M15 = 15, PERIOD_H1 = 16385, PERIOD_D1 = 16408 };

inline constexpr int OBJ_NO_PERIODS = 0x200000;
inline constexpr int OBJ_ALL_PERIODS = 0x1FFFFF;
inline constexpr color clrNONE(-1), clrBlack(0x000000), clrWhite(0xFFFFFF), clrRed(0x0000FF), clrGreen(0x008000), clrLime(0x00FF00),
    clrBlue(0xFF0000), clrYellow(0x00FFFF), clrOrange(0x00A5FF), clrGray(0x808080), clrSilver(0xC0C0C0), clrDarkGray(0xA9A9A9),
    clrLightGray(0xD3D3D3), clrDimGray(0x696969), clrGold(0x00D7FF), clrMaroon(0x000080), clrCrimson(0x3C14DC), clrTomato(0x4763FF),
    clrFireBrick(0x2222B2), clrDarkGreen(0x006400), clrLimeGreen(0x32CD32), clrForestGreen(0x228B22), clrSeaGreen(0x578B2E),
    clrDarkOrange(0x008CFF), clrOrangeRed(0x0045FF), clrNavy(0x800000), clrDodgerBlue(0xFF901E), clrSteelBlue(0xB48246),
    clrDarkSlateGray(0x4F4F2F), clrSlateGray(0x908070), clrWhiteSmoke(0xF5F5F5), clrAqua(0xFFFF00), clrMagenta(0xFF00FF),
    clrGoldenrod(0x20A5DA), clrKhaki(0x8CE6F0), clrSalmon(0x7280FA), clrCoral(0x507FFF), clrDarkRed(0x00008B), clrGainsboro(0xDCDCDC),
    clrLightGreen(0x90EE90), clrMediumSeaGreen(0x71B33C), clrIndianRed(0x5C5CCD), clrMidnightBlue(0x701919), clrTeal(0x808000);

inline constexpr ENUM_TIMEFRAMES _Period = PERIOD_H1;
inline string Symbol() { return _Symbol; }
inline ENUM_TIMEFRAMES Period() { return _Period; }
inline int Digits() { return _Digits; }
inline double Point() { return _Point; }

namespace shim {

inline constexpr int error_object_unknown = 4202;
inline constexpr int error_object_exists = 4200;
inline constexpr size_t object_name_limit = 63;
inline constexpr size_t object_text_limit = 63;

struct chart_object {
  ENUM_OBJECT type = OBJ_LABEL;
  std::map<int, long> integers;
  std::map<int, double> doubles;
  std::map<int, string> strings;
};

inline std::map<string, chart_object> &chart_objects() {
  static std::map<string, chart_object> table;
  return table;
}
inline chart_object *object_of(const string &name) {
  const auto found = chart_objects().find(name);
  if (found != chart_objects().end()) return &found->second;
  fail(error_object_unknown);
  return nullptr;
}

/// A click on a button, if there is one of this name.
inline bool press(const string &name) {
  chart_object *object = object_of(name);
  if (object == nullptr) return false;
  if (object->type == OBJ_BUTTON) object->integers[OBJPROP_STATE] = object->integers[OBJPROP_STATE] == 0 ? 1 : 0;
  const auto &handler = expert_handlers().on_chart_event;
  if (handler) events().post_chart([handler, name] { handler(CHARTEVENT_OBJECT_CLICK, 0L, 0.0, name); });
  return true;
}

}  // namespace shim

inline long ChartID() { return 1; }
inline string ChartSymbol(long = 0) { return _Symbol; }
inline void ChartRedraw(long = 0) {}

template <class... P>
bool ObjectCreate(long, const string &name, ENUM_OBJECT type, int, datetime, double, const P &...) {
  if (name.units().empty() || name.units().size() > shim::object_name_limit) return shim::fail(4003);
  if (shim::chart_objects().contains(name)) return shim::fail(shim::error_object_exists);
  shim::chart_objects()[name].type = type;
  return true;
}
inline bool ObjectDelete(long, const string &name) {
  if (shim::object_of(name) == nullptr) return false;
  shim::say("PANEL", name.utf8());
  shim::chart_objects().erase(name);
  return true;
}
inline int ObjectsDeleteAll(long, const string &prefix, int = -1, int type = -1) {
  return static_cast<int>(std::erase_if(shim::chart_objects(), [&](const auto &one) {
    return one.first.units().starts_with(prefix.units()) && (type < 0 || one.second.type == type);
  }));
}
inline int ObjectsDeleteAll(long chart, int window = -1, int type = -1) { return ObjectsDeleteAll(chart, string(u""), window, type); }
inline int ObjectFind(long, const string &name) { return shim::object_of(name) == nullptr ? -1 : 0; }
inline int ObjectsTotal(long, int = -1, int type = -1) {
  return static_cast<int>(std::count_if(shim::chart_objects().begin(), shim::chart_objects().end(), [type](const auto &one) { return type < 0 || one.second.type == type; }));
}
inline string ObjectName(long, int index, int = -1, int type = -1) {
  for (const auto &[name, object] : shim::chart_objects()) {
    if ((type < 0 || object.type == type) && index-- == 0) return name;
  }
  return string(u"");
}

template <class V>
bool ObjectSetInteger(long, const string &name, ENUM_OBJECT_PROPERTY_INTEGER property, V value) {
  shim::chart_object *object = shim::object_of(name);
  if (object != nullptr) object->integers[property] = static_cast<long>(value);
  return object != nullptr;
}
inline bool ObjectSetDouble(long, const string &name, ENUM_OBJECT_PROPERTY_DOUBLE property, double value) {
  shim::chart_object *object = shim::object_of(name);
  if (object != nullptr) object->doubles[property] = value;
  return object != nullptr;
}
/// A label holds 63 characters; what is longer is cut, as the chart does.
inline bool ObjectSetString(long, const string &name, ENUM_OBJECT_PROPERTY_STRING property, const string &value) {
  shim::chart_object *object = shim::object_of(name);
  if (object == nullptr) return false;
  const string kept = StringSubstr(value, 0, static_cast<int>(shim::object_text_limit));
  if (property == OBJPROP_TEXT && object->strings[property] != kept) shim::say("PANEL", name.utf8() + " " + kept.utf8());
  object->strings[property] = kept;
  return true;
}
inline long ObjectGetInteger(long, const string &name, ENUM_OBJECT_PROPERTY_INTEGER property, int = 0) {
  shim::chart_object *object = shim::object_of(name);
  return object == nullptr ? 0 : property == OBJPROP_TYPE ? static_cast<long>(object->type) : object->integers[property];
}
inline double ObjectGetDouble(long, const string &name, ENUM_OBJECT_PROPERTY_DOUBLE property, int = 0) {
  shim::chart_object *object = shim::object_of(name);
  return object == nullptr ? 0 : object->doubles[property];
}
inline string ObjectGetString(long, const string &name, ENUM_OBJECT_PROPERTY_STRING property, int = 0) {
  shim::chart_object *object = shim::object_of(name);
  return object == nullptr ? string(u"") : property == OBJPROP_NAME ? name : object->strings[property];
}
