namespace EndToEndTests.Durability;

/// <summary>The program on damaged files: exit code 1, in words, and never an empty cluster in the place of a damaged one.</summary>
[Collection(nameof(KilledProcessTests))]
public sealed class StartTests
{
    [Fact]
    public async Task A_damaged_cluster_is_not_started_and_a_backup_brings_it_back()
    {
        var directory = Directory.CreateTempSubdirectory("nodeagent-e2e-").FullName;
        using var plane = new ControlPlaneProcess($"{directory}/data");
        try
        {
            plane.Start();
            await plane.Listening();
            var backup = await plane.Command("backup", $"{directory}/backup");
            Assert.True(backup.ExitCode == 0, backup.Error);
            var running = await plane.Command("restore", $"{directory}/backup", "--force");
            Assert.Equal(1, running.ExitCode);
            Assert.Contains("in use by another process", running.Error);
            await plane.Kill();

            var database = $"{plane.DataDirectory}/store.db";
            foreach (var (damage, words) in Damages(database))
            {
                damage();
                plane.Start();
                Assert.Equal(1, await plane.Ended());
                Assert.Contains(words, plane.Log);
                Assert.Contains("controlplane restore FILE --data-dir", plane.Log);
                var restored = await plane.Command("restore", $"{directory}/backup", "--force");
                Assert.True(restored.ExitCode == 0, restored.Error);
            }
            plane.Start();
            await plane.Listening();
            using var api = await plane.Client();
            Assert.Equal("kubernetes", (await api.Get<KubeApi.Objects.Service>("default", "kubernetes", CancellationToken.None)).Name);
            await plane.Kill();
        }
        finally
        {
            plane.Dispose();
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task The_key_of_the_Secrets_is_rotated_while_the_program_is_stopped()
    {
        var directory = Directory.CreateTempSubdirectory("nodeagent-e2e-").FullName;
        using var plane = new ControlPlaneProcess($"{directory}/data");
        try
        {
            using var api = await plane.Client();
            plane.Start();
            await plane.Listening();
            await api.Create(new KubeApi.Objects.Secret
            {
                Metadata = new() { Name = "s", Namespace = "default" }, Data = new Dictionary<string, byte[]> { ["password"] = [1, 2, 3] },
            }, CancellationToken.None);
            var running = await plane.Command("encryption", "rotate");
            Assert.Equal(1, running.ExitCode);
            Assert.Contains("in use by another process", running.Error);
            await plane.Kill();
            var rotated = await plane.Command("encryption", "rotate");
            Assert.True(rotated.ExitCode == 0, rotated.Error);
            Assert.Contains("encrypted with key 2", rotated.Output);
            plane.Start();
            await plane.Listening();
            Assert.Equal([1, 2, 3], (await api.Get<KubeApi.Objects.Secret>("default", "s", CancellationToken.None)).Data!["password"]);
            await plane.Kill();
        }
        finally
        {
            plane.Dispose();
            Directory.Delete(directory, recursive: true);
        }
    }

    private static (Action Damage, string Words)[] Damages(string database) =>
    [
        (() => File.Delete(database + "-wal"), "is damaged"),
        (() => File.WriteAllText(database, ""), "it is empty"),
        (() => File.Delete(database), "is missing, but there was a cluster here"),
        (() => File.WriteAllBytes(database, File.ReadAllBytes(database)[..5000]), "is damaged"),
        (() => File.Delete($"{Path.GetDirectoryName(database)}/pki/ca.crt"), "ca.crt and ca.key are missing"),
    ];
}
