// Counts the lines, words and bytes of every text in /texts, as a C program has done since 1978, and writes what it found
// to /report/words.txt. It knows nothing of Bulkhead: <stdio.h> and <dirent.h> are those of WASI's C library.
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  long lines, words, bytes;
} Count;

static Count count(FILE *file) {
  Count found = {0, 0, 0};
  int inside = 0;
  for (int c = fgetc(file); c != EOF; c = fgetc(file)) {
    found.bytes++;
    if (c == '\n') found.lines++;
    if (!isspace(c) && !inside) found.words++;
    inside = !isspace(c);
  }
  return found;
}

static int byName(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int main(void) {
  DIR *texts = opendir("/texts");
  FILE *report = fopen("/report/words.txt", "w");
  if (texts == NULL || report == NULL) {
    fprintf(stderr, "words: %s\n", strerror(errno));
    return 1;
  }
  char *names[64];
  int amount = 0;
  for (struct dirent *entry = readdir(texts); entry != NULL && amount < 64; entry = readdir(texts)) {
    if (entry->d_name[0] != '.') names[amount++] = strdup(entry->d_name);
  }
  closedir(texts);
  qsort(names, amount, sizeof *names, byName);
  for (int at = 0; at < amount; at++) {
    char path[512];
    snprintf(path, sizeof path, "/texts/%s", names[at]);
    FILE *text = fopen(path, "r");
    if (text == NULL) {
      printf("%-12s %s\n", names[at], strerror(errno));
      continue;
    }
    Count found = count(text);
    fclose(text);
    printf("%-12s %4ld lines %5ld words %6ld bytes\n", names[at], found.lines, found.words, found.bytes);
    fprintf(report, "%s %ld %ld %ld\n", names[at], found.lines, found.words, found.bytes);
  }
  fclose(report);
  // What it was not given is not there, whatever it asks the C library for.
  if (fopen("/etc/passwd", "r") == NULL) printf("/etc/passwd  %s\n", strerror(errno));
  return 0;
}
