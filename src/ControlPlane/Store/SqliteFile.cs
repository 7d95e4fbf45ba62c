using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace ControlPlane.Store;

/// <summary>One open SQLite database, through the distribution's own libsqlite3. Used by one thread at a time.</summary>
internal sealed class SqliteFile : IDisposable
{
    private const int NoCheckpointOnClose = 1006; // SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE

    private readonly SqliteConnection connection;

    static SqliteFile()
    {
        var provider = typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly;
        NativeLibrary.SetDllImportResolver(provider, static (name, assembly, search) =>
            NativeLibrary.Load(name == "e_sqlite3" ? "libsqlite3.so.0" : name, assembly, search));
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
    }

    private SqliteFile(SqliteConnection connection) => this.connection = connection;

    /// <summary>Whether a transaction is open.</summary>
    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0;

    /// <summary>Opens a file that is there.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static SqliteFile Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 2 }.ToString());
        try
        {
            connection.Open();
            var file = new SqliteFile(connection);
            file.KeepLog(true);
            file.Execute("PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4000");
            return file;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Whether closing leaves the write-ahead log as it is; else it is written into the database and removed.</summary>
    public void KeepLog(bool keep) => SQLitePCL.raw.sqlite3_db_config(connection.Handle, NoCheckpointOnClose, keep ? 1 : 0, out _);

    public SqliteCommand Command(string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    /// <exception cref="SqliteException">SQLite refuses.</exception>
    public void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    /// <exception cref="SqliteException">SQLite refuses.</exception>
    public long Scalar(string sql)
    {
        using var command = Command(sql);
        return Convert.ToInt64(command.ExecuteScalar());
    }

    /// <summary>All of it, or nothing.</summary>
    /// <exception cref="SqliteException">Disk full, I/O error; nothing was changed, and the next transaction is as good as any.</exception>
    public void Transaction(Action changes)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            changes();
            Execute("COMMIT");
        }
        catch
        {
            // A COMMIT that fails has often rolled back by itself (sqlite.org/lang_transaction.html, 3). SqliteTransaction
            // does not know that: its rollback fails, and the connection refuses every transaction from then on.
            if (InTransaction) Execute("ROLLBACK");
            throw;
        }
    }

    public void Dispose() => connection.Dispose();
}
