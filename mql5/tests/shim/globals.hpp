// The global variables of the terminal: doubles by name, shared by all programs of one `--files` folder.
// A terminal lives as long as one of its programs does: the first to come after all are gone finds what was kept on disk
// (by a clean end or GlobalVariablesFlush) and no temporary ones.
#pragma once
#include "files.hpp"

namespace shim {

inline constexpr int error_variable_unknown = 4501;
inline constexpr size_t variable_name_limit = 63;

struct terminal_variable {
  double value = 0;
  long time = 0;
  bool temporary = false;
};

class terminal_variables {
 public:
  using table = std::map<std::string, terminal_variable>;

  /// Reads the table, lets `change` work on it, and writes it back if told to, with every other program held off.
  template <class F>
  auto with(F change) {
    open();
    ::flock(lock_, LOCK_EX);
    table all = read(session_);
    const auto [answer, changed] = change(all);
    if (changed) write(session_, all, true);
    ::flock(lock_, LOCK_UN);
    return answer;
  }
  void keep() {
    with([this](table &all) { write(kept_, all, false); return std::pair(true, false); });
  }
  bool used() const { return lock_ >= 0; }

 private:
  void open() {
    if (lock_ >= 0) return;
    const std::string folder = settings().files + "/.terminal";
    std::filesystem::create_directories(folder);
    session_ = folder + "/session";
    kept_ = folder + "/kept";
    lock_ = ::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    alive_ = ::open((folder + "/alive").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    ::flock(lock_, LOCK_EX);
    if (::flock(alive_, LOCK_EX | LOCK_NB) == 0) write(session_, read(kept_), false);
    ::flock(alive_, LOCK_SH);
    ::flock(lock_, LOCK_UN);
    closers().push_back([this] { keep(); });
  }
  static table read(const std::string &path) {
    std::ifstream file(path);
    table all;
    for (std::string name, value; std::getline(file, name, '\t');) {
      terminal_variable one;
      file >> value >> one.time >> one.temporary;
      file.ignore(1);
      one.value = std::strtod(value.c_str(), nullptr);
      all[name] = one;
    }
    return all;
  }
  static void write(const std::string &path, const table &all, bool temporary_too) {
    std::ofstream file(path, std::ios::trunc);
    for (const auto &[name, one] : all) {
      char value[64];
      std::snprintf(value, sizeof value, "%a", one.value);
      if (temporary_too || !one.temporary) file << name << '\t' << value << ' ' << one.time << ' ' << one.temporary << '\n';
    }
  }
  std::string session_;
  std::string kept_;
  int lock_ = -1;
  int alive_ = -1;
};

inline terminal_variables &variables() {
  static terminal_variables one;
  return one;
}

inline bool good_variable_name(const std::string &name) {
  return (!name.empty() && name.size() <= variable_name_limit && name.find_first_of("\t\n") == std::string::npos) || fail(4003);
}

}  // namespace shim

inline datetime GlobalVariableSet(const string &name, double value) {
  const std::string key = name.utf8();
  if (!shim::good_variable_name(key)) return datetime(0);
  return shim::variables().with([&](auto &all) {
    auto &one = all[key];
    one.value = value;
    one.time = static_cast<long>(TimeLocal());
    return std::pair(datetime(one.time), true);
  });
}
inline bool GlobalVariableGet(const string &name, double &value) {
  return shim::variables().with([&](auto &all) {
    const auto found = all.find(name.utf8());
    if (found == all.end()) return std::pair(shim::fail(shim::error_variable_unknown), false);
    value = found->second.value;
    found->second.time = static_cast<long>(TimeLocal());
    return std::pair(true, true);
  });
}
inline double GlobalVariableGet(const string &name) {
  double value = 0;
  GlobalVariableGet(name, value);
  return value;
}
inline bool GlobalVariableCheck(const string &name) {
  return shim::variables().with([&](auto &all) { return std::pair(all.contains(name.utf8()), false); });
}
inline datetime GlobalVariableTime(const string &name) {
  return shim::variables().with([&](auto &all) {
    const auto found = all.find(name.utf8());
    return std::pair(datetime(found == all.end() ? 0 : found->second.time), false);
  });
}
inline bool GlobalVariableDel(const string &name) {
  return shim::variables().with([&](auto &all) { return std::pair(all.erase(name.utf8()) > 0 || shim::fail(shim::error_variable_unknown), true); });
}
/// Makes a variable that ends with the terminal; false if it exists.
inline bool GlobalVariableTemp(const string &name) {
  const std::string key = name.utf8();
  if (!shim::good_variable_name(key)) return false;
  return shim::variables().with([&](auto &all) {
    if (all.contains(key)) return std::pair(shim::fail(4502), false);
    all[key] = {0, static_cast<long>(TimeLocal()), true};
    return std::pair(true, true);
  });
}
inline bool GlobalVariableSetOnCondition(const string &name, double value, double check) {
  return shim::variables().with([&](auto &all) {
    const auto found = all.find(name.utf8());
    if (found == all.end()) return std::pair(shim::fail(shim::error_variable_unknown), false);
    if (found->second.value != check) return std::pair(false, false);
    found->second.value = value;
    found->second.time = static_cast<long>(TimeLocal());
    return std::pair(true, true);
  });
}
inline int GlobalVariablesTotal() {
  return shim::variables().with([](auto &all) { return std::pair(static_cast<int>(all.size()), false); });
}
inline string GlobalVariableName(int index) {
  return shim::variables().with([&](auto &all) {
    auto at = all.begin();
    if (index < 0 || static_cast<size_t>(index) >= all.size()) return std::pair(string(), false);
    std::advance(at, index);
    return std::pair(string::of(at->first), false);
  });
}
inline int GlobalVariablesDeleteAll(const string &prefix = string(), datetime before = datetime(0)) {
  return shim::variables().with([&](auto &all) {
    const auto gone = std::erase_if(all, [&](const auto &one) {
      return one.first.starts_with(prefix.utf8()) && (before == 0 || one.second.time < before);
    });
    return std::pair(static_cast<int>(gone), true);
  });
}
inline void GlobalVariablesFlush() { shim::variables().keep(); }
