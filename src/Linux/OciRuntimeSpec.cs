using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Linux;

/// <summary>
/// The part of an OCI bundle's <c>config.json</c> that is used here (opencontainers/runtime-spec 1.0.2); property
/// names are the specification's.
/// </summary>
public sealed record OciSpec
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public string OciVersion { get; init; } = "1.0.2";
    public required OciProcess Process { get; init; }
    public required OciRoot Root { get; init; }
    public string? Hostname { get; init; }
    public IReadOnlyList<OciMount> Mounts { get; init; } = [];
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
    public required OciLinux Linux { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);
}

public sealed record OciProcess
{
    public bool Terminal { get; init; }
    public required OciUser User { get; init; }
    public required IReadOnlyList<string> Args { get; init; }
    public IReadOnlyList<string> Env { get; init; } = [];
    public required string Cwd { get; init; }
    public OciCapabilities? Capabilities { get; init; }
    public bool NoNewPrivileges { get; init; }
    public int OomScoreAdj { get; init; }
    public IReadOnlyList<OciRlimit>? Rlimits { get; init; }
}

/// <summary>A limit by its name in setrlimit(2), e.g. RLIMIT_NOFILE; the largest number means "none".</summary>
public sealed record OciRlimit(string Type, ulong Hard, ulong Soft);

public sealed record OciUser(long Uid, long Gid, IReadOnlyList<long>? AdditionalGids = null);

/// <summary>Names with the prefix CAP_. Ambient stays empty: a container's non-root user starts without privileges.</summary>
public sealed record OciCapabilities(IReadOnlyList<string> Bounding, IReadOnlyList<string> Effective, IReadOnlyList<string> Permitted);

public sealed record OciRoot(string Path, bool Readonly);

public sealed record OciMount(string Destination, string Type, string Source, IReadOnlyList<string> Options);

public sealed record OciLinux
{
    public IReadOnlyList<OciNamespace> Namespaces { get; init; } = [];
    public OciResources Resources { get; init; } = new();
    public string? CgroupsPath { get; init; }
    public IReadOnlyDictionary<string, string>? Sysctl { get; init; }
    public IReadOnlyList<string>? MaskedPaths { get; init; }
    public IReadOnlyList<string>? ReadonlyPaths { get; init; }
    public IReadOnlyList<OciDevice>? Devices { get; init; }

    /// <summary>As the specification's <c>linux.seccomp</c>; null: no filter.</summary>
    public JsonNode? Seccomp { get; init; }

    /// <summary>Of the container's root mount: rslave or rshared where volumes ask for it.</summary>
    public string? RootfsPropagation { get; init; }
}

/// <summary>A namespace by its kind (network, ipc, uts, pid, mount, cgroup); new where there is no path, else joined.</summary>
public sealed record OciNamespace(string Type, string? Path = null);

public sealed record OciDevice(string Path, string Type, long Major, long Minor, int? FileMode = null, uint? Uid = null, uint? Gid = null);

public sealed record OciResources
{
    public IReadOnlyList<OciDeviceRule>? Devices { get; init; }
    public OciMemory? Memory { get; init; }
    public OciCpu? Cpu { get; init; }
    public OciPids? Pids { get; init; }

    /// <summary>Files of cgroup v2 by name.</summary>
    public IReadOnlyDictionary<string, string>? Unified { get; init; }
}

public sealed record OciDeviceRule(bool Allow, string Access, string? Type = null, long? Major = null, long? Minor = null);

/// <summary>Bytes. <paramref name="Swap"/> counts memory and swap together.</summary>
public sealed record OciMemory(long? Limit, long? Swap = null);

/// <summary><paramref name="Shares"/> relative to 1024; <paramref name="Quota"/> microseconds in each <paramref name="Period"/>.</summary>
public sealed record OciCpu(ulong? Shares, long? Quota = null, ulong? Period = null);

public sealed record OciPids(long Limit);
