// The life of an expert: OnInit, events one by one, OnDeinit. The timer moves in steps of 10 to 16 ms with jitter, as Windows
// gives them. Lines on stdin stand for a person: `press NAME`, `reinit`, `parameters`, `account` (OnDeinit and OnInit with globals kept).
#pragma once
#include "chart.hpp"
#include "files.hpp"
#include "inputs.hpp"
#include "terminal.hpp"
#include "world.hpp"
#include <csignal>
#include <poll.h>
#include <random>

namespace shim {

inline constexpr long timer_step_least_us = 10000;
inline constexpr long timer_step_most_us = 16000;

/// When the timer next fires: at the first step of the system's clock that is not before it is due.
class stepped_timer {
 public:
  explicit stepped_timer(unsigned long seed) : random_(seed), step_us_(steady_us()) {}
  /// Microseconds until it fires, 0 when it does now, -1 without a timer.
  long wait_us() {
    const int period = timer_period_ms();
    if (period != period_) {
      period_ = period;
      due_us_ = steady_us() + static_cast<long>(period) * 1000;
    }
    if (period_ <= 0) return -1;
    while (step_us_ < due_us_) step_us_ += jitter_(random_);
    return std::max(0L, step_us_ - steady_us());
  }
  void fired() {
    const long now = steady_us();
    while (step_us_ < now) step_us_ += jitter_(random_);
    due_us_ = now + static_cast<long>(period_) * 1000;
  }

 private:
  std::mt19937_64 random_;
  std::uniform_int_distribution<long> jitter_{timer_step_least_us, timer_step_most_us};
  long step_us_;
  long due_us_ = 0;
  int period_ = 0;
};

class expert_life {
 public:
  [[noreturn]] void run() {
    outside().start();
    init();
    while (!IsStopped() && !remove_asked()) turn();
    deinit(IsStopped() ? REASON_CLOSE : REASON_REMOVE);
    outside().stop();
    end(0);
  }

 private:
  void init() {
    int status = INIT_SUCCEEDED;
    events().clear();
    events().during(event_kind::init, [&] {
      if (expert_handlers().on_init) status = expert_handlers().on_init();
    });
    if (status == INIT_SUCCEEDED) return;
    say("INIT", "failed " + std::to_string(status));
    deinit(REASON_INITFAILED);
    outside().stop();
    end(exit_init_failed);
  }
  void deinit(int reason) {
    end_reason() = reason;
    stop_asked() = true;
    events().during(event_kind::deinit, [&] {
      if (expert_handlers().on_deinit) expert_handlers().on_deinit(reason);
    });
    timer_period_ms() = 0;
    stop_asked() = false;
  }
  void again(int reason) {
    deinit(reason);
    if (reason == REASON_PARAMETERS) reload_inputs();
    init();
  }
  void turn() {
    if (timer_.wait_us() == 0) {
      timer_.fired();
      if (expert_handlers().on_timer) events().post_timer(expert_handlers().on_timer);
    }
    if (events().empty()) wait();
    if (!events().empty()) events().deliver_next();
  }
  void wait() {
    pollfd sources[2] = {{outside().descriptor(), POLLIN, 0}, {stdin_open_ ? STDIN_FILENO : -1, POLLIN, 0}};
    const long us = timer_.wait_us();
    timespec limit{us / 1000000, (us % 1000000) * 1000};
    // Between the question and the sleep no signal may slip in; the mask of the sleep lets it through.
    sigset_t stops, before;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigprocmask(SIG_BLOCK, &stops, &before);
    const int ready = IsStopped() ? 0 : ::ppoll(sources, 2, us < 0 ? nullptr : &limit, &before);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    if (ready <= 0) return;
    if ((sources[0].revents & (POLLIN | POLLHUP)) != 0) outside().pump_trade_events();
    if ((sources[1].revents & (POLLIN | POLLHUP)) != 0) read_person();
  }
  void read_person() {
    char buffer[4096];
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got <= 0) { stdin_open_ = false; return; }
    typed_.append(buffer, static_cast<size_t>(got));
    for (size_t end_of_line; (end_of_line = typed_.find('\n')) != std::string::npos; typed_.erase(0, end_of_line + 1)) {
      obey(typed_.substr(0, end_of_line));
    }
  }
  void obey(const std::string &line) {
    static const std::string press_word = "press ";
    if (line.starts_with(press_word)) {
      if (!press(string::of(line.substr(press_word.size())))) say("PERSON", "no object " + line.substr(press_word.size()));
    } else if (line == "reinit") again(REASON_CHARTCHANGE);
    else if (line == "parameters") again(REASON_PARAMETERS);
    else if (line == "account") again(REASON_ACCOUNT);
    else if (line == "points") {
      for (const auto &[point, count] : crossings()) say("POINT", point + " " + std::to_string(count));
    } else say("PERSON", "unknown line " + line);
  }

  stepped_timer timer_{settings().seed};
  bool stdin_open_ = true;
  std::string typed_;
};

/// Runs the expert to its end.
[[noreturn]] inline void run_expert(const std::string &name, const std::vector<std::pair<std::string, std::string>> &properties) {
  program_name() = name;
  check_input_names();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGFPE, [](int) { critical("zero divide"); });
  struct sigaction action{};
  action.sa_handler = [](int number) { stop_signal() = number; };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  for (const auto &[key, value] : properties) say("PROPERTY", key + " " + value);
  expert_life().run();
}

}  // namespace shim
