// The file functions, inside the sandbox of `--files`. FILE_COMMON is the folder `.common` below it.
// Invariants: what was written and not flushed is in this process only and dies with it; a handle without FILE_SHARE_*
// keeps every other program out; nothing outside the sandbox is reached.
#pragma once
#include "strings.hpp"
#include "format.hpp"
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>

enum : int {
  FILE_READ = 1, FILE_WRITE = 2, FILE_BIN = 4, FILE_CSV = 8, FILE_TXT = 16, FILE_ANSI = 32, FILE_UNICODE = 64,
  FILE_SHARE_READ = 128, FILE_SHARE_WRITE = 256, FILE_REWRITE = 512, FILE_COMMON = 4096
};
#undef SEEK_SET
#undef SEEK_CUR
#undef SEEK_END
enum ENUM_FILE_POSITION : int { SEEK_SET, SEEK_CUR, SEEK_END };
inline constexpr int INVALID_HANDLE = -1;

namespace shim {

inline constexpr size_t files_at_once = 64;
/// What a handle holds back before it writes by itself.
inline constexpr size_t write_buffer_limit = 65536;
inline constexpr int error_too_many_files = 5001, error_file_name = 5002, error_cannot_open = 5004, error_cannot_delete = 5006,
                     error_file_handle = 5007, error_not_to_write = 5009, error_not_to_read = 5010, error_not_bin = 5011,
                     error_read = 5015, error_not_exist = 5019, error_cannot_rewrite = 5020, error_folder = 5022;

struct open_file {
  int descriptor = -1;
  int flags = 0;
  uint codepage = CP_ACP;
  std::string separator;
  std::string path;
  long position = 0;
  long pending_at = 0;
  std::string pending;

  bool text() const { return (flags & FILE_BIN) == 0; }
  void spill() {
    long at = pending_at;
    for (size_t done = 0; done < pending.size();) {
      const ssize_t written = ::pwrite(descriptor, pending.data() + done, pending.size() - done, at);
      if (written <= 0) break;
      done += static_cast<size_t>(written);
      at += written;
    }
    pending.clear();
  }
  void write(const std::string &bytes) {
    if (dies_crossing("FileWrite")) {
      // Torn: the first half had left for the disk when the process died.
      write_unmarked(bytes.substr(0, bytes.size() / 2));
      spill();
      die();
    }
    write_unmarked(bytes);
  }
  void write_unmarked(const std::string &bytes) {
    if (pending.empty()) pending_at = position;
    pending += bytes;
    position += static_cast<long>(bytes.size());
    if (pending.size() > write_buffer_limit) spill();
  }
  std::string read(long count) {
    spill();
    std::string bytes(static_cast<size_t>(std::max(count, 0L)), '\0');
    const ssize_t got = ::pread(descriptor, bytes.data(), bytes.size(), position);
    bytes.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
    position += static_cast<long>(bytes.size());
    return bytes;
  }
  long size() {
    spill();
    struct stat found{};
    ::fstat(descriptor, &found);
    return found.st_size;
  }
};

inline std::map<int, open_file> &open_files() {
  static std::map<int, open_file> table;
  static const bool registered = (closers().push_back([] { for (auto &[handle, file] : table) file.spill(); }), true);
  static_cast<void>(registered);
  return table;
}

/// A name inside the sandbox as a path, or empty.
inline std::string sandboxed(const string &name, int flags) {
  std::string relative = name.utf8();
  std::replace(relative.begin(), relative.end(), '\\', '/');
  const std::filesystem::path path = std::filesystem::path(relative).lexically_normal();
  const bool outside = relative.empty() || path.is_absolute() || relative.find(':') != std::string::npos || *path.begin() == "..";
  if (outside) { fail(error_file_name); return ""; }
  const std::filesystem::path base = (flags & FILE_COMMON) != 0 ? settings().files + "/.common" : settings().files;
  return (base / path).string();
}

inline bool is_open(const std::string &path) {
  return std::any_of(open_files().begin(), open_files().end(), [&](const auto &one) { return one.second.path == path; });
}

inline open_file *file_of(int handle) {
  const auto found = open_files().find(handle);
  if (found != open_files().end()) return &found->second;
  fail(error_file_handle);
  return nullptr;
}

inline std::string file_bytes(const open_file &file, const string &text) {
  if ((file.flags & FILE_ANSI) != 0) return encode(text, file.codepage);
  std::string out;
  for (const char16_t unit : text.units()) { out += static_cast<char>(unit & 0xFF); out += static_cast<char>(unit >> 8); }
  return out;
}
inline string file_text(const open_file &file, const std::string &bytes) {
  if ((file.flags & FILE_ANSI) != 0) return decode(bytes, file.codepage);
  std::u16string out;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    out += static_cast<char16_t>(static_cast<uchar>(bytes[i]) | static_cast<uchar>(bytes[i + 1]) << 8);
  }
  return string(out);
}

/// `\n` alone becomes `\r\n`, as text files get it.
inline string with_line_ends(const string &text) {
  std::u16string out;
  for (const char16_t unit : text.units()) {
    if (unit == u'\n' && (out.empty() || out.back() != u'\r')) out += u'\r';
    out += unit;
  }
  return string(out);
}

inline int adopt(open_file file) {
  int handle = 1;
  while (open_files().contains(handle)) ++handle;
  open_files().emplace(handle, std::move(file));
  return handle;
}

}  // namespace shim

inline int FileOpen(const string &name, int flags, short delimiter = '\t', uint codepage = CP_ACP) {
  using namespace shim;
  const std::string path = sandboxed(name, flags);
  if (path.empty()) return INVALID_HANDLE;
  if (open_files().size() >= files_at_once) { fail(error_too_many_files); return INVALID_HANDLE; }
  const bool writes = (flags & FILE_WRITE) != 0;
  const bool reads = (flags & FILE_READ) != 0;
  if (!writes && !reads) { fail(error_file_name); return INVALID_HANDLE; }
  std::error_code ignored;
  if (writes) std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  const int descriptor = ::open(path.c_str(), O_CLOEXEC | (writes ? O_RDWR | O_CREAT : O_RDONLY), 0644);
  if (descriptor < 0) { fail(errno == ENOENT ? error_not_exist : error_cannot_open); return INVALID_HANDLE; }
  const bool shares = (flags & (FILE_SHARE_READ | FILE_SHARE_WRITE)) != 0;
  if (::flock(descriptor, (shares ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    ::close(descriptor);
    fail(error_cannot_open);
    return INVALID_HANDLE;
  }
  if (writes && !reads && ::ftruncate(descriptor, 0) != 0) { ::close(descriptor); fail(error_cannot_open); return INVALID_HANDLE; }
  open_file file;
  file.descriptor = descriptor;
  file.flags = flags;
  file.codepage = codepage;
  if ((flags & FILE_CSV) != 0 && delimiter != 0) file.separator = static_cast<char>(delimiter);
  file.path = path;
  if (file.text() && (flags & FILE_ANSI) == 0) {
    if (file.size() == 0 && writes) file.write_unmarked("\xFF\xFE");
    else if (file.size() >= 2) file.position = 2;
  }
  return adopt(std::move(file));
}

inline void FileFlush(int handle) {
  shim::open_file *file = shim::file_of(handle);
  if (file == nullptr) return;
  shim::cross("FileFlush");
  file->spill();
  shim::cross("FileFlush");
}
inline void FileClose(int handle) {
  shim::open_file *file = shim::file_of(handle);
  if (file == nullptr) return;
  shim::cross("FileClose");
  file->spill();
  ::close(file->descriptor);
  shim::open_files().erase(handle);
  shim::cross("FileClose");
}
inline ulong FileSize(int handle) {
  shim::open_file *file = shim::file_of(handle);
  return file == nullptr ? 0 : static_cast<ulong>(file->size());
}
inline ulong FileTell(int handle) {
  const shim::open_file *file = shim::file_of(handle);
  return file == nullptr ? 0 : static_cast<ulong>(file->position);
}
inline bool FileSeek(int handle, long offset, ENUM_FILE_POSITION origin) {
  shim::open_file *file = shim::file_of(handle);
  if (file == nullptr) return false;
  const long base = origin == SEEK_SET ? 0 : origin == SEEK_CUR ? file->position : file->size();
  file->spill();
  file->position = std::max(0L, base + offset);
  return true;
}
inline bool FileIsEnding(int handle) {
  shim::open_file *file = shim::file_of(handle);
  return file == nullptr || file->position >= file->size();
}
inline bool FileIsLineEnding(int handle) { return FileIsEnding(handle); }

inline uint FileWriteString(int handle, const string &text, int length = -1) {
  shim::open_file *file = shim::file_of(handle);
  if (file == nullptr) return 0;
  if ((file->flags & FILE_WRITE) == 0) { shim::fail(shim::error_not_to_write); return 0; }
  const string wanted = length < 0 ? text : StringSubstr(text, 0, length);
  const std::string bytes = shim::file_bytes(*file, file->text() ? shim::with_line_ends(wanted) : wanted);
  file->write(bytes);
  return static_cast<uint>(bytes.size());
}
template <class... T>
uint FileWrite(int handle, const T &...values) {
  shim::open_file *file = shim::file_of(handle);
  if (file == nullptr) return 0;
  string line(u"");
  bool first = true;
  ((line += (first ? string(u"") : string::of(file->separator)) + shim::shown(values), first = false), ...);
  return FileWriteString(handle, line + string(u"\r\n"));
}
/// Text: up to the end of the line (or the separator of a CSV file); binary: `length` characters.
inline string FileReadString(int handle, int length = -1) {
  shim::open_file *file = shim::file_of(handle);
  if (file == nullptr) return string();
  if ((file->flags & FILE_READ) == 0) { shim::fail(shim::error_not_to_read); return string(); }
  const int width = (file->flags & FILE_ANSI) != 0 ? 1 : 2;
  if (!file->text()) return shim::file_text(*file, file->read(static_cast<long>(std::max(length, 0)) * width));
  const long from = file->position;
  const std::string rest = file->read(file->size() - from);
  const auto unit = [&](size_t at) { return width == 1 || at + 1 >= rest.size() || rest[at + 1] == '\0' ? rest[at] : '\x01'; };
  const size_t step = static_cast<size_t>(width);
  size_t end = 0;
  while (end < rest.size() && unit(end) != '\n' && unit(end) != '\r' && (file->separator.empty() || unit(end) != file->separator[0])) end += step;
  size_t next = end;
  if (next < rest.size() && unit(next) == '\r') next += step;
  if (next < rest.size() && (unit(next) == '\n' || next == end)) next += step;
  file->position = from + static_cast<long>(std::min(next, rest.size()));
  return shim::file_text(*file, rest.substr(0, end));
}
template <shim::readable_array A>
uint FileWriteArray(int handle, const A &array, int start = 0, int count = WHOLE_ARRAY) {
  shim::open_file *file = shim::file_of(handle);
  if (file == nullptr) return 0;
  if (file->text()) { shim::fail(shim::error_not_bin); return 0; }
  if ((file->flags & FILE_WRITE) == 0) { shim::fail(shim::error_not_to_write); return 0; }
  const int written = std::max(0, shim::span(array.size(), start, count));
  file->write(std::string(reinterpret_cast<const char *>(array.begin() + start), sizeof(shim::element<A>) * static_cast<size_t>(written)));
  return static_cast<uint>(written);
}
template <shim::writable_array A>
uint FileReadArray(int handle, A &&array, int start = 0, int count = WHOLE_ARRAY) {
  shim::open_file *file = shim::file_of(handle);
  if (file == nullptr) return 0;
  if (file->text()) { shim::fail(shim::error_not_bin); return 0; }
  const long width = static_cast<long>(sizeof(shim::element<A>));
  const std::string bytes = file->read(count < 0 ? file->size() - file->position : count * width);
  const int read = static_cast<int>(static_cast<long>(bytes.size()) / width);
  shim::grow_to(array, start + read);
  std::memcpy(array.begin() + start, bytes.data(), static_cast<size_t>(read) * static_cast<size_t>(width));
  return static_cast<uint>(read);
}

inline bool FileIsExist(const string &name, int common = 0) {
  const std::string path = shim::sandboxed(name, common);
  if (path.empty()) return false;
  if (std::filesystem::is_regular_file(path)) return true;
  return shim::fail(shim::error_not_exist);
}
inline bool FileDelete(const string &name, int common = 0) {
  const std::string path = shim::sandboxed(name, common);
  if (path.empty() || shim::is_open(path)) return shim::fail(shim::error_cannot_delete);
  std::error_code error;
  return std::filesystem::remove(path, error) || shim::fail(shim::error_not_exist);
}
inline bool FileMove(const string &from, int from_flags, const string &to, int to_flags) {
  const std::string source = shim::sandboxed(from, from_flags);
  const std::string target = shim::sandboxed(to, to_flags);
  if (source.empty() || target.empty()) return false;
  if (!std::filesystem::is_regular_file(source)) return shim::fail(shim::error_not_exist);
  if (shim::is_open(source) || shim::is_open(target)) return shim::fail(shim::error_cannot_open);
  if (std::filesystem::exists(target) && (to_flags & FILE_REWRITE) == 0) return shim::fail(shim::error_cannot_rewrite);
  shim::cross("FileMove");
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(target).parent_path(), error);
  std::filesystem::rename(source, target, error);
  shim::cross("FileMove");
  return !error || shim::fail(shim::error_cannot_rewrite);
}
inline bool FileCopy(const string &from, int from_flags, const string &to, int to_flags) {
  const std::string source = shim::sandboxed(from, from_flags);
  const std::string target = shim::sandboxed(to, to_flags);
  if (source.empty() || target.empty()) return false;
  if (std::filesystem::exists(target) && (to_flags & FILE_REWRITE) == 0) return shim::fail(shim::error_cannot_rewrite);
  std::error_code error;
  std::filesystem::copy_file(source, target, std::filesystem::copy_options::overwrite_existing, error);
  return !error || shim::fail(shim::error_not_exist);
}
inline bool FolderCreate(const string &name, int common = 0) {
  const std::string path = shim::sandboxed(name, common);
  std::error_code error;
  if (!path.empty()) std::filesystem::create_directories(path, error);
  return (!path.empty() && std::filesystem::is_directory(path)) || shim::fail(shim::error_folder);
}
