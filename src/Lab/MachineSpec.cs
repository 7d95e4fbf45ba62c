using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lab;

/// <summary>A path of the host that a machine sees too, at <paramref name="Target"/>, whatever else is mounted there.</summary>
internal sealed record SharedDirectory(string Source, string Target, bool ReadOnly);

/// <summary>What a machine runs: restarted one second after it ended, its output appended to /var/log/NAME.log.</summary>
internal sealed record MachineProgram(string Name, IReadOnlyList<string> Command)
{
    /// <summary>A file without which it does not start, as systemd's ConditionPathExists.</summary>
    public string? Needs { get; init; }
}

/// <summary>Everything that makes a machine what it is. Kept as JSON, so that it can be booted again.</summary>
internal sealed record MachineSpec
{
    /// <summary>Also its host name.</summary>
    public required string Name { get; init; }

    /// <summary>The directory of the host that is its disk.</summary>
    public required string Disk { get; init; }

    /// <summary>Of eth0, as ADDRESS/LENGTH; none for the switch, which has no eth0.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Of eth0: stays the same when the machine is booted again, as a real card's does.</summary>
    public string? HardwareAddress { get; init; }

    public string? Gateway { get; init; }

    /// <summary>Further routes, as ip(8) takes them.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    /// <summary>eth0 is on the segment behind the router.</summary>
    public bool IsFar { get; init; }

    /// <summary>For the router: of its eth1, on the segment behind it. It forwards.</summary>
    public string? FarAddress { get; init; }

    /// <summary>The cgroup of the host in each hierarchy, that the machine sees as the root.</summary>
    public required IReadOnlyList<string> Cgroups { get; init; }

    public IReadOnlyList<SharedDirectory> SharedDirectories { get; init; } = [];

    public MachineProgram? Program { get; init; }

    /// <summary>The whole environment of its processes.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(this, LabJson.Default.MachineSpec));
    }

    /// <exception cref="LabException">It is missing or damaged.</exception>
    public static MachineSpec Read(string path)
    {
        try { return JsonSerializer.Deserialize(File.ReadAllText(path), LabJson.Default.MachineSpec)!; }
        catch (Exception error) when (error is IOException or JsonException)
        {
            throw new LabException($"{path}: {error.Message}; 'scripts/cluster down' and 'scripts/cluster up' make the cluster anew");
        }
    }
}

[JsonSerializable(typeof(MachineSpec))]
[JsonSerializable(typeof(ClusterSettings))]
[JsonSourceGenerationOptions(WriteIndented = true)]
internal sealed partial class LabJson : JsonSerializerContext;
