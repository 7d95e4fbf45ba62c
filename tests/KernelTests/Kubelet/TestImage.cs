using KernelTests.Containers;
using Linux;
using NodeAgent.Images;

namespace KernelTests.Kubelet;

/// <summary>An image with one static program, made with the C compiler and umoci: it exits, prints, holds out or eats memory as it is told.</summary>
internal static class TestImage
{
    public const string Name = "docker.io/library/act:1";

    private const string Program = """
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/ioctl.h>
        #include <unistd.h>
        static const char *last_file, *last_words;
        static void append(const char *file, const char *text) { FILE *f = fopen(file, "a"); if (!f) _exit(9); fprintf(f, "%s\n", text); fclose(f); }
        static void end(int s) { if (last_file) append(last_file, last_words); _exit(0); }
        /* steps: append FILE TEXT, sleep MILLISECONDS, exit CODE, trap FILE TEXT (on SIGTERM), hold */
        static int steps(char **v) {
          for (; *v; v++) {
            if (!strcmp(*v, "append")) { append(v[1], v[2]); v += 2; }
            else if (!strcmp(*v, "sleep")) usleep(1000 * atoi(*++v));
            else if (!strcmp(*v, "exit")) return atoi(v[1]);
            else if (!strcmp(*v, "trap")) { last_file = v[1]; last_words = v[2]; v += 2; signal(SIGTERM, end); }
            else if (!strcmp(*v, "hold")) for (;;) pause();
          }
          return 0;
        }
        int main(int n, char **v) {
          char host[80]; const char *what = n > 1 ? v[1] : "hold";
          if (!strcmp(what, "steps")) return steps(v + 2);
          if (!strcmp(what, "exit")) return atoi(v[2]);
          if (!strcmp(what, "print")) {
            gethostname(host, sizeof host);
            printf("%s %s %d %s\n", host, getenv(v[2]) ? getenv(v[2]) : "-", (int)getuid(), getcwd(0, 0));
            return 0;
          }
          if (!strcmp(what, "write")) { FILE *f = fopen(v[2], "w"); if (!f) return 9; fputs(v[3], f); fclose(f); return atoi(v[4]); }
          if (!strcmp(what, "count")) { /* lines, in bursts of 2000 with 20 ms between them */
            for (int i = 0; i < atoi(v[2]); i++) { printf("%d\n", i); if (i % 2000 == 1999) { fflush(stdout); usleep(20000); } }
            return 0;
          }
          if (!strcmp(what, "eat")) for (;;) memset(malloc(1 << 20), 1, 1 << 20);
          if (!strcmp(what, "take")) for (int i = atoi(v[2]); i > 0; i--) memset(malloc(1 << 20), 1, 1 << 20);
          if (!strcmp(what, "fill")) { static char mib[1 << 20]; FILE *f = fopen(v[2], "w"); if (!f) return 9; for (int i = atoi(v[3]); i > 0; i--) fwrite(mib, sizeof mib, 1, f); fclose(f); }
          if (!strcmp(what, "chatter")) { for (int i = atoi(v[2]); i > 0; i--) putchar('x'); return 0; }
          if (!strcmp(what, "window")) { struct winsize w; ioctl(0, TIOCGWINSZ, &w); printf("%d %d %s", w.ws_row, w.ws_col, getenv("TERM")); return 0; }
          if (!strcmp(what, "family") && fork() == 0) signal(SIGINT, SIG_IGN);
          if (!strcmp(what, "orphan") && fork() != 0) return 0;
          signal(SIGTERM, strcmp(what, "stubborn") ? end : SIG_IGN);
          puts("holding"); fflush(stdout);
          for (;;) pause();
        }
        """;

    /// <summary>Puts it into a store that is not unpacked yet.</summary>
    public static async Task Create(string store)
    {
        var root = Path.Combine(store, "build");
        Directory.CreateDirectory(Path.Combine(root, "bin"));
        Directory.CreateDirectory(Path.Combine(root, "etc"));
        File.WriteAllText(Path.Combine(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/act\nactor:x:1234:1234::/:/bin/act\n");
        await CommandRunner.Run("gcc", ["-static", "-O1", "-x", "c", "-", "-o", Path.Combine(root, "bin/act")], Program);
        await CommandRunner.Run("gcc", ["-static", "-O1", "-x", "c", "-", "-o", Path.Combine(root, "bin/look")], LookProgram.Source);
        var image = $"{Path.Combine(store, "oci")}:{Name}";
        await CommandRunner.Run("umoci", ["init", "--layout", Path.Combine(store, "oci")]);
        await CommandRunner.Run("umoci", ["new", "--image", image]);
        await CommandRunner.Run("umoci", ["insert", "--image", image, root, "/"]);
        await CommandRunner.Run("umoci", ["config", "--image", image, "--config.entrypoint", "/bin/act", "--config.cmd", "hold", "--config.env", "FROM=image"]);
        Directory.Delete(root, recursive: true);
    }
}
