namespace KernelTests.Containers;

/// <summary>The test image's second program, /bin/look: tells what a container sees of itself.</summary>
internal static class LookProgram
{
    public const string Path = "/bin/look";

    public const string Source = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <grp.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>
        extern char **environ;
        static void cat(const char *path) {
          char text[4096]; size_t got; FILE *f = fopen(path, "r");
          printf("== %s: %s\n", path, f ? "" : strerror(errno));
          while (f && (got = fread(text, 1, sizeof text, f))) fwrite(text, 1, got, stdout);
          if (f) fclose(f);
        }
        static void mode(const char *path) {
          struct stat s;
          if (lstat(path, &s)) printf("%s: %s\n", path, strerror(errno));
          else printf("%s: %o\n", path, s.st_mode);
        }
        static void touch(const char *path) { FILE *f = fopen(path, "a"); printf("%s: %s\n", path, f ? "writable" : strerror(errno)); if (f) fclose(f); }
        static void ids(void) {
          gid_t g[64]; int n = getgroups(64, g);
          printf("%d %d:", (int)getuid(), (int)getgid());
          for (int i = 0; i < n; i++) printf(" %d", (int)g[i]);
          puts("");
        }
        int main(int n, char **v) {
          for (int i = 1; i < n; i++) {
            char *what = v[i], *path = strchr(what, '=');
            if (path) path++;
            if (!strncmp(what, "cat=", 4)) cat(path);
            else if (!strncmp(what, "mode=", 5)) mode(path);
            else if (!strncmp(what, "touch=", 6)) touch(path);
            else if (!strcmp(what, "env")) for (char **e = environ; *e; e++) puts(*e);
            else if (!strcmp(what, "ids")) ids();
            else if (!strcmp(what, "migrate")) printf("migrate_pages: %s\n", syscall(SYS_migrate_pages, 0, 0, 0, 0) < 0 ? strerror(errno) : "done");
            else if (!strcmp(what, "child")) { if (fork() == 0) for (;;) memset(malloc(1 << 20), 1, 1 << 20); wait(0); }
            else if (!strncmp(what, "sleep=", 6)) { fflush(stdout); sleep(atoi(path)); }
            else puts(what);
          }
          return 0;
        }
        """;
}
