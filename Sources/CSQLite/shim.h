// Whatever SQLite the machine has.
#include <sqlite3.h>
