using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Linux;

namespace KernelTests.Linux;

/// <summary>What <see cref="LibC"/> claims, asked of the machine's own C headers.</summary>
public class LibCTests
{
    private const string Headers = """
        #define _GNU_SOURCE
        #include <stddef.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <poll.h>
        #include <sched.h>
        #include <signal.h>
        #include <spawn.h>
        #include <unistd.h>
        #include <sys/epoll.h>
        #include <sys/eventfd.h>
        #include <sys/inotify.h>
        #include <sys/ioctl.h>
        #include <sys/mount.h>
        #include <sys/prctl.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/statvfs.h>
        #include <sys/un.h>
        #include <sys/wait.h>
        #include <termios.h>
        #include <netinet/in.h>
        #include <sys/uio.h>
        #include <linux/netlink.h>
        #include <linux/rtnetlink.h>
        #include <linux/if.h>
        #include <linux/if_link.h>
        #include <linux/if_addr.h>
        #include <linux/if_bridge.h>
        #include <linux/if_ether.h>
        #include <linux/if_packet.h>
        #include <linux/filter.h>
        #include <linux/ethtool.h>
        #include <linux/sockios.h>
        #include <linux/veth.h>
        #include <linux/neighbour.h>
        #include <linux/net_namespace.h>
        #include <linux/netconf.h>
        #include <linux/netfilter/nfnetlink.h>
        #include <linux/netfilter_ipv4/ip_tables.h>
        #include <linux/openat2.h>
        #include <sys/syscall.h>

        """;

    [CompilerFact]
    public async Task The_headers_agree_with_every_constant_and_struct()
    {
        var directory = Directory.CreateTempSubdirectory("libc-");
        try
        {
            var source = Path.Combine(directory.FullName, "libc.c");
            await File.WriteAllTextAsync(source, Headers + Assertions());
            var result = await CommandRunner.TryRun("cc", ["-fsyntax-only", "-std=gnu11", source]);
            Assert.True(result.ExitCode == 0, result.Error);
        }
        finally { directory.Delete(recursive: true); }
    }

    [CompilerFact]
    public async Task A_wrong_number_would_be_found()
    {
        var source = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(source, Headers + Assertion("AF_NETLINK", 17));
            var result = await CommandRunner.TryRun("cc", ["-fsyntax-only", "-std=gnu11", "-x", "c", source]);
            Assert.Contains("AF_NETLINK", result.Error);
        }
        finally { File.Delete(source); }
    }

    private static string Assertions()
    {
        var text = new StringBuilder();
        foreach (var constant in typeof(LibC).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral && !IsOfNetfilter(field.Name)))
            text.Append(Assertion(constant.Name, Convert.ToInt64(constant.GetRawConstantValue())));
        foreach (var type in typeof(LibC).GetNestedTypes().Where(type => type.IsValueType))
        {
            text.Append(Assertion($"sizeof(struct {type.Name})", Marshal.SizeOf(type)));
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
                text.Append(Assertion($"offsetof(struct {type.Name}, {field.Name})", (long)Marshal.OffsetOf(type, field.Name)));
        }
        return text.ToString();
    }

    /// <summary>Netfilter's are checked by use (ConntrackTests, the tests of nf_tables): several hold a subsystem's number too, or are in no header for programs.</summary>
    private static bool IsOfNetfilter(string name) => new[] { "CTA_", "IPCTNL_", "NF_", "NFNL", "NFT" }.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static string Assertion(string expression, long value) => $"_Static_assert(({expression}) == {value}, \"{expression} is not {value}\");\n";
}

/// <summary>A test that is skipped where there is no C compiler.</summary>
internal sealed class CompilerFactAttribute : FactAttribute
{
    public CompilerFactAttribute()
    {
        if (!File.Exists("/usr/bin/cc")) Skip = "no C compiler here: apt-get install gcc libc6-dev";
    }
}
