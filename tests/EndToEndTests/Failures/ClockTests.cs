using EndToEndTests.Fixture;

namespace EndToEndTests.Failures;

/// <summary>
/// Machines whose clocks are set while everything runs. Machines of the Lab share the host's clock, which must stay as it is: a library that a machine's
/// programs load (ld.so.preload in its own /etc) tells them another wall-clock time; time that passes is left alone, as settimeofday(2) leaves it.
/// </summary>
[Trait(TestMachines.Trait, TestMachines.Lab)]
public sealed class ClockTests(FaultCluster cluster) : FaultTest(cluster)
{
    /// <summary>Adds the seconds in /run/clock-offset.</summary>
    private const string Library = """
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>
        static long offset(void) {
          char text[32];
          int file = syscall(SYS_openat, AT_FDCWD, "/run/clock-offset", O_RDONLY | O_CLOEXEC);
          if (file < 0) return 0;
          long length = read(file, text, sizeof text - 1);
          close(file);
          if (length <= 0) return 0;
          text[length] = 0;
          return atol(text);
        }
        int clock_gettime(clockid_t clock, struct timespec *now) {
          int result = syscall(SYS_clock_gettime, clock, now);
          if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += offset();
          return result;
        }
        int gettimeofday(struct timeval *now, void *zone) {
          struct timespec time;
          clock_gettime(CLOCK_REALTIME, &time);
          now->tv_sec = time.tv_sec;
          now->tv_usec = time.tv_nsec / 1000;
          return 0;
        }
        time_t time(time_t *out) {
          struct timespec now;
          clock_gettime(CLOCK_REALTIME, &now);
          if (out) *out = now.tv_sec;
          return now.tv_sec;
        }
        """;

    /// <summary>More than a lease holds.</summary>
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(12);

    [Fact]
    public Task Clocks_that_are_set_cost_no_node_and_no_pod() => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
        var node = Cluster.Nodes[1];
        try
        {
            foreach (var machine in new[] { node, "control" }) await Cluster.Ssh(machine, "sh", "-c", $"cat >/var/lib/clock.c <<'END'\n{Library}\nEND\ncc -shared -fPIC -O1 -o /var/lib/clock.so /var/lib/clock.c && echo /var/lib/clock.so >/etc/ld.so.preload");
            await Restart(here, node);
            var pods = await here.PodsReady("run=my-nginx", 2);
            var ready = await here.NodesReadySince();

            await Set(node, seconds: 3600); // a lease that says tomorrow's time
            await Task.Delay(Watched);
            Assert.InRange(await LeaseAge(here, node), -3700, -3500);
            await Set("control", seconds: 7200); // both ahead, by different times
            await Set(node, seconds: -240); // and back: certificates are five minutes older than they are
            await Task.Delay(Watched);
            Assert.InRange(await LeaseAge(here, node), 200, 300);

            Assert.Equal(ready, await here.NodesReadySince());
            await here.Run("kubectl scale deployment my-nginx --replicas=4");
            var now = await here.PodsReady("run=my-nginx", 4);
            Assert.Subset(now.Select(pod => pod.Uid).ToHashSet(), pods.Select(pod => pod.Uid).ToHashSet());
            await here.EndpointsAre("my-nginx", now.Select(pod => pod.Address));
            await here.Answers(node, $"http://{await here.Field("svc my-nginx", ".spec.clusterIP")}");
        }
        finally
        {
            foreach (var machine in new[] { node, "control" }) await Cluster.Ssh(machine, "rm", "-f", "/etc/ld.so.preload", "/run/clock-offset", "/var/lib/clock.so", "/var/lib/clock.c");
            await Restart(here, node);
        }
    });

    private Task Set(string machine, int seconds) => Cluster.Ssh(machine, "sh", "-c", $"echo {seconds} >/run/clock-offset.new && mv /run/clock-offset.new /run/clock-offset");

    /// <summary>Programs load the library, or not, when they start.</summary>
    private async Task Restart(NamespacedTest here, string node)
    {
        var before = await Cluster.Ssh("control", "pgrep", "-x", "controlplane");
        await Cluster.Ssh("control", "pkill", "-KILL", "-x", "controlplane");
        await Eventually.Get("the control plane runs anew", () => Cluster.Ssh("control", "pgrep", "-x", "controlplane"), now => now != before);
        await Cluster.CrashAgent(node);
        await Eventually.Get("the control plane answers", () => here.Run("kubectl get --raw /readyz"), text => text == "ok");
        var lease = await here.Field($"lease {node} -n kube-node-lease", ".spec.renewTime");
        await Eventually.Get($"{node} renews its lease", () => here.Field($"lease {node} -n kube-node-lease", ".spec.renewTime"), time => time != lease);
        foreach (var each in Cluster.Nodes) await here.NodeIs(each, "True");
    }

    /// <summary>How many seconds ago the lease was renewed, as it says itself.</summary>
    private static async Task<double> LeaseAge(NamespacedTest here, string node) =>
        (DateTime.UtcNow - DateTime.Parse(await here.Field($"lease {node} -n kube-node-lease", ".spec.renewTime"), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal)).TotalSeconds;
}
