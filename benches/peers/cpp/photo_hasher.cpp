// One pass of Meta's photo hasher over the files named, timed without the start of the process: what its
// pdq-photo-hasher does with each file (CImg with libjpeg or libpng, stretch to 512 x 512, hash). Prints the processor
// seconds of the pass, then a hash a line.

#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include <pdq/cpp/io/pdqio.h>

using facebook::pdq::hashing::Hash256;
using facebook::pdq::hashing::pdqHash256FromFile;

static bool hash_of(const char* path, Hash256& hash) {
  int quality, area;
  float read_seconds, hash_seconds;
  return pdqHash256FromFile(path, hash, quality, area, read_seconds, hash_seconds);
}

int main(int count, char** paths) {
  std::vector<Hash256> hashes(count);
  if (count > 1) {
    hash_of(paths[1], hashes[1]); // warm: code, file and memory
  }
  std::clock_t start = std::clock();
  for (int at = 1; at < count; at++) {
    if (!hash_of(paths[at], hashes[at])) {
      fprintf(stderr, "cannot read %s\n", paths[at]);
      return 1;
    }
  }
  printf("%.6f\n", double(std::clock() - start) / CLOCKS_PER_SEC);
  for (int at = 1; at < count; at++) {
    printf("%s\n", hashes[at].format().c_str());
  }
  return 0;
}
