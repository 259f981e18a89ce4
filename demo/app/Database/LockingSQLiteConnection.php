<?php

namespace App\Database;

use Illuminate\Database\SQLiteConnection;

/**
 * Laravel's SQLite connection, except that a transaction takes the write lock when it begins, and waits for it.
 *
 * SQLite lets nobody wait for a lock that is asked for after the transaction has read: it answers "database is locked" at
 * once. The queue worker reads a job before it reserves it, and Laravel counts a job that could not be reserved as
 * failed, so that its broadcast is lost. Laravel's own answer, `transaction_mode`, works from PHP 8.4 on.
 */
class LockingSQLiteConnection extends SQLiteConnection
{
    protected function executeBeginTransactionStatement()
    {
        parent::executeBeginTransactionStatement();

        // This changes no row, but SQLite takes the write lock for it.
        $this->getPdo()->exec('UPDATE "migrations" SET "id" = "id" WHERE 0');
    }
}
