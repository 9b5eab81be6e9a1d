"""Baskets by name, their history and shares, and what is done with a job's results

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-22

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

IS_LIVE = sa.text('removed_by IS NULL')
IS_KEPT = sa.text('deleted_time IS NULL')


def upgrade():
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('on_completion', sa.String(length=100), nullable=True))

    with op.batch_alter_table('basket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('chosen_time', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('deleted_time', sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_basket_owner'), type_='unique')
    op.execute('UPDATE basket SET chosen_time = creation_time')
    with op.batch_alter_table('basket', schema=None) as batch_op:
        batch_op.alter_column('chosen_time', existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_index('ix_basket_live_name', ['owner', 'name'], unique=True, sqlite_where=IS_KEPT, postgresql_where=IS_KEPT)
        batch_op.create_index('ix_basket_chosen', ['owner', 'chosen_time'], unique=False)

    with op.batch_alter_table('basket_item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('identity', sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column('origin', sa.String(length=16), server_default='row', nullable=False))
        batch_op.add_column(sa.Column('note', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('added_by', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('removed_by', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('checked_time', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('link_state', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('link_size', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('link_type', sa.String(length=200), nullable=True))
        batch_op.alter_column('job_id', existing_type=sa.String(length=32), nullable=True)
        batch_op.alter_column('result_name', existing_type=sa.String(length=64), nullable=True)
        batch_op.alter_column('row_number', existing_type=sa.BigInteger(), nullable=True)
        batch_op.drop_constraint(batch_op.f('uq_basket_item_basket_id'), type_='unique')
    op.execute("UPDATE basket_item SET identity = job_id || '/' || result_name || '/' || CAST(row_number AS VARCHAR(20))")
    op.execute("UPDATE basket_item SET origin = 'result' WHERE row_number = -1")
    with op.batch_alter_table('basket_item', schema=None) as batch_op:
        batch_op.alter_column('identity', existing_type=sa.String(length=128), nullable=False)
        batch_op.create_index('ix_basket_item_identity', ['basket_id', 'identity'], unique=True, sqlite_where=IS_LIVE, postgresql_where=IS_LIVE)

    op.create_table('basket_change',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('basket_id', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('time', sa.DateTime(timezone=True), nullable=False),
    sa.Column('via', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('about', sa.String(length=300), nullable=False),
    sa.Column('target_id', sa.String(length=32), nullable=True),
    sa.Column('undone_time', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['basket_id'], ['basket.id'], name=op.f('fk_basket_change_basket_id_basket'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_basket_change'))
    )
    with op.batch_alter_table('basket_change', schema=None) as batch_op:
        batch_op.create_index('ix_basket_change_time', ['basket_id', 'time'], unique=False)

    op.create_table('basket_share',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('basket_id', sa.String(length=32), nullable=False),
    sa.Column('key', sa.String(length=32), nullable=True),
    sa.Column('group_name', sa.String(length=200), nullable=True),
    sa.Column('may_edit', sa.Boolean(), nullable=False),
    sa.Column('label', sa.String(length=100), nullable=False),
    sa.Column('creation_time', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['basket_id'], ['basket.id'], name=op.f('fk_basket_share_basket_id_basket'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_basket_share')),
    sa.UniqueConstraint('key', name=op.f('uq_basket_share_key'))
    )
    with op.batch_alter_table('basket_share', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_basket_share_basket_id'), ['basket_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_basket_share_group_name'), ['group_name'], unique=False)


def downgrade():
    op.drop_table('basket_share')
    op.drop_table('basket_change')
    op.execute('DELETE FROM basket_item WHERE removed_by IS NOT NULL OR job_id IS NULL')
    with op.batch_alter_table('basket_item', schema=None) as batch_op:
        batch_op.drop_index('ix_basket_item_identity')
        for name in ('identity', 'origin', 'note', 'added_by', 'removed_by', 'checked_time', 'link_state', 'link_size', 'link_type'):
            batch_op.drop_column(name)
        batch_op.alter_column('job_id', existing_type=sa.String(length=32), nullable=False)
        batch_op.alter_column('result_name', existing_type=sa.String(length=64), nullable=False)
        batch_op.alter_column('row_number', existing_type=sa.BigInteger(), nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_basket_item_basket_id'), ['basket_id', 'job_id', 'result_name', 'row_number'])
    op.execute('DELETE FROM basket WHERE deleted_time IS NOT NULL')
    with op.batch_alter_table('basket', schema=None) as batch_op:
        batch_op.drop_index('ix_basket_chosen')
        batch_op.drop_index('ix_basket_live_name')
        batch_op.drop_column('deleted_time')
        batch_op.drop_column('version')
        batch_op.drop_column('chosen_time')
        batch_op.create_unique_constraint(batch_op.f('uq_basket_owner'), ['owner', 'name'])
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_column('on_completion')
