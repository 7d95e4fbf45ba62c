using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.KernelState;
using NodeAgent.Kubelet;

namespace NodeAgent;

/// <summary>What others alter in the kernel: noticed here, mended by the parts that own it, told as events of the node.</summary>
internal sealed class DriftPart
{
    private readonly RuleWatch watch;

    public DriftPart(string nodeName, KubeletEvents events, ILogger log)
    {
        var node = new Node { Metadata = new ObjectMeta { Name = nodeName } };
        Repairs = new Repairs((type, reason, message) => events.Record(node, type, reason, message), log);
        watch = new RuleWatch(NetworkNamespace.Current, log);
    }

    public Repairs Repairs { get; }

    /// <summary>Those who own rules, to be told when somebody else may have changed them.</summary>
    public void Tell(params Action<string?>?[] owners)
    {
        foreach (var owner in owners) watch.Altered += owner;
    }

    public Task Run(CancellationToken cancel) => watch.Run(cancel);
}
