import { expect, test } from 'bun:test'
import { unfinished } from '../../src/server/unfinished.ts'
import { TestServer } from '../support/server.ts'
import { Connection } from '../support/tcp.ts'
import { until } from '../support/until.ts'

const descriptors = 4096

test.if(process.platform === 'linux')(
  'a connection is listed as unfinished until it has had an answer, and no other socket is',
  async () => {
    await using server = new TestServer()
    const list = () => unfinished()!.list(server.port, descriptors)
    const client = await server.connect()
    const idle = await Connection.open(server.port)
    idle.write('GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await idle.response()
    expect(list()).toEqual([])

    const half = await Connection.open(server.port)
    half.write('GET /up HTTP/1.1\r\n')
    await until('1 connections', () => list().length === 1)
    const silent = await Connection.open(server.port)
    await until('2 connections', () => list().length === 2)
    const [one, two] = list()
    expect(one!.id).not.toBe(two!.id)

    half.write('Host: localhost\r\n\r\n')
    expect(await half.response()).toMatchObject({ status: 200 })
    expect(list()).toHaveLength(1)
    for (const connection of [idle, half, silent]) connection.destroy()
    await until('0 connections', () => list().length === 0)
    await client.nothingMore()
  },
)

test.if(process.platform === 'linux')(
  'a connection that is shut down is closed for its client, and no other one is',
  async () => {
    await using server = new TestServer()
    const { list, shutDown } = unfinished()!
    const client = await server.connect()
    const connection = await Connection.open(server.port)
    connection.write('POST /apps/1001/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{')
    await until('1 connections', () => list(server.port, descriptors).length === 1)
    for (const one of list(server.port, descriptors)) shutDown(one)
    await connection.ended
    await until('0 connections', () => list(server.port, descriptors).length === 0)
    await client.nothingMore()
    expect(server.unexpected).toEqual([])
  },
)
