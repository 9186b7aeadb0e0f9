// `input` variables: the file of `--inputs` (lines `name=value`) over the defaults of the source. Read before anything else
// of the expert is initialised, and again when a test asks for new parameters.
#pragma once
#include "strings.hpp"
#include <set>

namespace shim {

inline std::map<std::string, std::string> read_inputs() {
  std::map<std::string, std::string> values;
  if (settings().inputs.empty()) return values;
  std::ifstream file(settings().inputs);
  if (!file) usage("cannot read the inputs file " + settings().inputs);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const size_t equals = line.find('=');
    if (line.empty() || line[0] == ';' || line[0] == '#') continue;
    if (equals == std::string::npos) usage("inputs file: no '=' in '" + line + "'");
    values[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return values;
}

inline std::map<std::string, std::string> &input_values() {
  static std::map<std::string, std::string> values = read_inputs();
  return values;
}

template <class T>
T input_from(const std::string &name, const std::string &text) {
  if constexpr (std::is_same_v<T, string>) return string::of(text);
  else if constexpr (std::is_same_v<T, datetime>) return StringToTime(string::of(text));
  else if constexpr (std::is_same_v<T, bool>) {
    if (text != "true" && text != "false" && text != "1" && text != "0") usage("input " + name + " must be true or false, not '" + text + "'");
    return text == "true" || text == "1";
  } else if constexpr (std::is_enum_v<T>) return static_cast<T>(number_from<int>("input " + name, text));
  else return number_from<T>("input " + name, text);
}

struct input_slot {
  std::string name;
  std::function<void()> load;
};
inline std::vector<input_slot> &input_slots() {
  static std::vector<input_slot> slots;
  return slots;
}

/// One input of the expert. Its variable is read through a const reference, so that an assignment does not compile.
template <class T>
struct input_registration {
  input_registration(const char *name, T &variable) {
    const auto load = [name = std::string(name), &variable, first = variable] {
      const auto found = input_values().find(name);
      variable = found == input_values().end() ? first : input_from<T>(name, found->second);
    };
    load();
    input_slots().push_back({name, load});
  }
};

inline void reload_inputs() {
  input_values() = read_inputs();
  for (const input_slot &slot : input_slots()) slot.load();
}

/// A line for an input the expert does not have is a mistake of the caller.
inline void check_input_names() {
  std::set<std::string> known;
  for (const input_slot &slot : input_slots()) known.insert(slot.name);
  for (const auto &[name, value] : input_values()) {
    if (!known.contains(name)) usage("the expert has no input " + name);
  }
}

}  // namespace shim
